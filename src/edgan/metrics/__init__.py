"""Metrics of images and of models. Each result carries the protocol by which it was measured.

Every function stands in a file of its own, in a folder named for what it needs: `pairs`, `distributions`, `spectra`,
`variety`, `editing`, `latents`, and `nrds`. `registry.py` lists those that `evaluate`, `rank` and training measure.
"""

from typing import TYPE_CHECKING, Any

from edgan.metrics.distributions.feature_distances import fid_features, kid_features
from edgan.metrics.distributions.fid import fid
from edgan.metrics.distributions.inception_score import inception_score
from edgan.metrics.distributions.kid import kid
from edgan.metrics.editing.attribute_reader import trained_reader
from edgan.metrics.editing.attributes_kept import attributes_kept
from edgan.metrics.editing.edit_identity import identity_moved
from edgan.metrics.editing.factor_movement import Movement, factors_moved, factors_seen
from edgan.metrics.editing.leakage import Leakage, leakage
from edgan.metrics.editing.monotone_response import monotone_response
from edgan.metrics.editing.svm_error import ErrorCurve, error_curve, train_svms
from edgan.metrics.findings import Finding
from edgan.metrics.latents.dependence import Dependence, dependence
from edgan.metrics.latents.probe import probe
from edgan.metrics.loss_stability import instability, spread_over_seeds
from edgan.metrics.nrds import NRDS, nrds
from edgan.metrics.pairs.inversion import InversionScore, inversion
from edgan.metrics.pairs.ms_ssim import ms_ssim, ms_ssim_name, ms_ssim_protocol
from edgan.metrics.pairs.perceptual_distance import perceptual_distance
from edgan.metrics.pairs.psnr import psnr
from edgan.metrics.pairs.recognition import Recognition, recognition
from edgan.metrics.pairs.rmse import rmse
from edgan.metrics.pairs.ssim import ssim
from edgan.metrics.ranking import Ranking
from edgan.metrics.spectra.high_frequency import high_frequency_energy
from edgan.metrics.spectra.octave_bands import octave_bands
from edgan.metrics.spectra.periodic_peak import PeriodicPeak, periodic_peak
from edgan.metrics.spectra.variation_by_octave import variation_by_octave
from edgan.metrics.variety.sample_ms_ssim import sample_ms_ssim

if TYPE_CHECKING:
    from edgan.metrics.pairs.running import MSSSIM, PSNR, RMSE, SSIM

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
    "fid_features",
    "high_frequency_energy",
    "identity_moved",
    "inception_score",
    "instability",
    "inversion",
    "kid",
    "kid_features",
    "leakage",
    "monotone_response",
    "ms_ssim",
    "ms_ssim_name",
    "ms_ssim_protocol",
    "nrds",
    "octave_bands",
    "perceptual_distance",
    "periodic_peak",
    "probe",
    "psnr",
    "recognition",
    "rmse",
    "sample_ms_ssim",
    "spread_over_seeds",
    "ssim",
    "train_svms",
    "trained_reader",
    "variation_by_octave",
]


def __getattr__(name: str) -> Any:
    """The running metrics, loaded when first used: torchmetrics takes a second to import."""
    if name in ("MSSSIM", "PSNR", "RMSE", "SSIM"):
        from edgan.metrics.pairs import running

        return getattr(running, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
