"""Measures of images and of models; every one of them says by which protocol it was taken."""

from edgan.metrics.distribution import fid, kid
from edgan.metrics.findings import Finding
from edgan.metrics.inversion import InversionScore, inception_score, inversion, sample_ms_ssim
from edgan.metrics.nrds import NRDS, nrds
from edgan.metrics.ranking import Ranking
from edgan.metrics.similarity import (
    MSSSIM,
    PSNR,
    RMSE,
    SSIM,
    ms_ssim,
    ms_ssim_name,
    ms_ssim_protocol,
    psnr,
    rmse,
    ssim,
)
from edgan.metrics.spectrum import PeriodicPeak, high_frequency_energy, octave_bands, periodic_peak

__all__ = [
    "MSSSIM",
    "NRDS",
    "PSNR",
    "RMSE",
    "SSIM",
    "Finding",
    "InversionScore",
    "PeriodicPeak",
    "Ranking",
    "fid",
    "high_frequency_energy",
    "inception_score",
    "inversion",
    "kid",
    "ms_ssim",
    "ms_ssim_name",
    "ms_ssim_protocol",
    "nrds",
    "octave_bands",
    "periodic_peak",
    "psnr",
    "rmse",
    "sample_ms_ssim",
    "ssim",
]
