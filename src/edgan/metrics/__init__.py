"""Measures of images and of models; every one of them says by which protocol it was taken."""

from edgan.metrics.disentanglement import (
    Leakage,
    attributes_kept,
    identity_moved,
    leakage,
    monotone_response,
    taught_reader,
)
from edgan.metrics.distribution import fid, kid
from edgan.metrics.factor_movement import Movement, factors_moved, factors_seen
from edgan.metrics.findings import Finding
from edgan.metrics.independence import Dependence, dependence
from edgan.metrics.inversion import InversionScore, inception_score, inversion, sample_ms_ssim
from edgan.metrics.nrds import NRDS, nrds
from edgan.metrics.probing import probe
from edgan.metrics.ranking import Ranking
from edgan.metrics.recognition import Recognition, recognition
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
from edgan.metrics.svm import ErrorCurve, error_curve, teach_svms
from edgan.metrics.variation import instability, spread_over_seeds, variation_by_octave

__all__ = [
    "MSSSIM",
    "NRDS",
    "PSNR",
    "RMSE",
    "SSIM",
    "Dependence",
    "ErrorCurve",
    "Finding",
    "InversionScore",
    "Leakage",
    "Movement",
    "PeriodicPeak",
    "Ranking",
    "Recognition",
    "attributes_kept",
    "dependence",
    "error_curve",
    "factors_moved",
    "factors_seen",
    "fid",
    "high_frequency_energy",
    "identity_moved",
    "inception_score",
    "instability",
    "inversion",
    "kid",
    "leakage",
    "monotone_response",
    "ms_ssim",
    "ms_ssim_name",
    "ms_ssim_protocol",
    "nrds",
    "octave_bands",
    "periodic_peak",
    "probe",
    "psnr",
    "recognition",
    "rmse",
    "sample_ms_ssim",
    "spread_over_seeds",
    "ssim",
    "taught_reader",
    "teach_svms",
    "variation_by_octave",
]
