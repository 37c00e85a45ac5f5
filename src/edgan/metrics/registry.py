"""The registry: one line a metric. `evaluate`, `rank` and training measure what stands here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import TypeVar

from edgan.errors import EdganError
from edgan.metrics.distributions import energy_distance, feature_distances, fid, kid
from edgan.metrics.editing import edit_identity, svm_error
from edgan.metrics.latents import probe
from edgan.metrics.metric import Metric, Use
from edgan.metrics.pairs import ms_ssim, perceptual_distance, psnr, rmse, ssim
from edgan.metrics.spectra import high_frequency, periodic_peak
from edgan.metrics.variety import residual_size, residual_variety, spread

METRICS: tuple[Metric, ...] = (
    psnr.METRIC,
    ssim.METRIC,
    rmse.METRIC,
    ms_ssim.METRIC,
    perceptual_distance.METRIC,
    high_frequency.METRIC,
    residual_size.METRIC,
    residual_variety.METRIC,
    spread.METRIC,
    energy_distance.METRIC,
    periodic_peak.METRIC,
    svm_error.METRIC,
    edit_identity.METRIC,
    probe.METRIC,
    fid.METRIC,
    kid.METRIC,
    feature_distances.KID,
    feature_distances.FID,
)

_Kind = TypeVar("_Kind", bound=Metric)


def measured_by(use: Use, kind: type[_Kind]) -> Iterator[_Kind]:
    """The metrics of one kind that `evaluate`, `rank` or training measures on this machine, in the registry's order."""
    return (m for m in METRICS if isinstance(m, kind) and use in m.uses and not m.unavailable())


def left_out(use: Use) -> dict[str, str]:
    """The metrics that cannot be measured on this machine, by name, each with a sentence that says why."""
    return {m.name: m.unavailable() for m in METRICS if use in m.uses and m.unavailable()}


def refuse_unavailable(requested: Collection[str]) -> None:
    """Refuse requests of `rank` that this machine cannot measure.

    Raises:
        EdganError: says what is missing.
    """
    for metric in METRICS:
        if metric.requested_as in requested and (trouble := metric.unavailable()):
            raise EdganError(f"{metric.name} cannot be measured: {trouble}")


def requests() -> tuple[str, ...]:
    """What `rank --also` can be asked for."""
    return tuple(dict.fromkeys(metric.requested_as for metric in METRICS if "rank" in metric.uses))
