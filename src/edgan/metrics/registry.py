"""The registry: one line a metric. `evaluate`, `rank` and training measure what stands here."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeVar

from edgan.metrics.distributions import energy_distance, fid, kid
from edgan.metrics.editing import edit_identity, svm_error
from edgan.metrics.latents import probe
from edgan.metrics.metric import Metric, Use
from edgan.metrics.pairs import ms_ssim, psnr, rmse, ssim
from edgan.metrics.spectra import high_frequency, periodic_peak
from edgan.metrics.variety import residual_size, residual_variety, spread

METRICS: tuple[Metric, ...] = (
    psnr.METRIC,
    ssim.METRIC,
    rmse.METRIC,
    ms_ssim.METRIC,
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
)

_Kind = TypeVar("_Kind", bound=Metric)


def measured_by(use: Use, kind: type[_Kind]) -> Iterator[_Kind]:
    """The metrics of one kind that `evaluate`, `rank` or training measures, in the registry's order."""
    return (metric for metric in METRICS if isinstance(metric, kind) and use in metric.uses)


def requests() -> tuple[str, ...]:
    """What `rank --also` can be asked for."""
    return tuple(dict.fromkeys(metric.requested_as for metric in METRICS if "rank" in metric.uses))
