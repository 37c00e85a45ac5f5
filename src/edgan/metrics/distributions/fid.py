"""Fréchet distance between two sets of features."""

from __future__ import annotations

from collections.abc import Mapping

from torch import Tensor

from edgan.metrics.distributions.feature_sets import PrecomputedFeatures, check_features
from edgan.metrics.metric import FeatureMetric


def fid(real: Tensor, made: Tensor) -> float:
    """Fréchet distance between Gaussians fitted to two sets of features (Heusel et al. 2017, Eq. 6), by torchmetrics.

    Args:
        real, made: (N, D) and (M, D), N and M at least 2.

    Returns:
        0 or more; 0 for equal sets.

    Raises:
        UsageError: for other shapes.
    """
    from torchmetrics.image.fid import FrechetInceptionDistance

    check_features(real, made)
    # Not synchronised: in a process group it would wait for processes that measure nothing, or count sets twice.
    metric = FrechetInceptionDistance(feature=PrecomputedFeatures(real.shape[1]), sync_on_compute=False)
    metric.update(real.cpu().double(), real=True)
    metric.update(made.cpu().double(), real=False)
    # The square root of a product of nearly singular matrices leaves rounding on both sides of 0.
    return max(0.0, float(metric.compute()))


def cautions(size: int, counts: Mapping[str, int]) -> list[str]:
    """What a reader of FID should know: fewer pictures than features, or sets of different numbers of pictures."""
    sentences = []
    short = [f"{name!r} ({count})" for name, count in counts.items() if count <= size]
    if short:
        sentences.append(
            f"FID needs more pictures than its {size} features, preferably ten times as many: too few in "
            f"{', '.join(short)}. KID does not depend on the number of pictures."
        )
    if len({count for name, count in counts.items() if name != "real"}) > 1:
        sentences.append(
            "FID falls as pictures are added, and these models have different numbers of them: compare KID."
        )
    return sentences


METRIC = FeatureMetric(
    name="fid",
    title="FID",
    form="{:.2f}",
    better="lower",
    protocol="FID (torchmetrics): all pictures against all real ones",
    uses=("rank",),
    measure=lambda real, made, _seed: {"fid": fid(real, made)},
    describe=lambda features, real, _fewest: (
        f"FID (torchmetrics): {features}; all pictures against all {real} real ones"
    ),
    cautions=cautions,
)
