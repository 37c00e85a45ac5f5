"""Kernel distance between two sets of features."""

from __future__ import annotations

import warnings

from torch import Tensor

from edgan.metrics.distributions.feature_sets import PrecomputedFeatures, check_features
from edgan.metrics.metric import FeatureMetric
from edgan.nets.caller_state import seeded

SUBSETS, SUBSET = 100, 100


def kid(real: Tensor, made: Tensor, seed: int = 0) -> tuple[float, float]:
    """Kernel distance: squared MMD with the cubic polynomial kernel, by torchmetrics.

    Mean and standard deviation over 100 subsets of 100 (of all, where there are fewer). Unbiased: equal distributions
    give 0 on average, and values a little below it occur. Source: Bińkowski et al., "Demystifying MMD GANs", 2018.

    Args:
        real, made: (N, D) and (M, D), N and M at least 2.
        seed: of the subsets.

    Returns:
        Mean and standard deviation.

    Raises:
        UsageError: for other shapes.
    """
    from torchmetrics.image.kid import KernelInceptionDistance

    check_features(real, made)
    with warnings.catch_warnings(), seeded(seed):
        warnings.filterwarnings("ignore", message="Metric `Kernel Inception Distance` will save")
        metric = KernelInceptionDistance(
            feature=PrecomputedFeatures(real.shape[1]),
            subsets=SUBSETS,
            subset_size=min(SUBSET, len(real), len(made)),
        )
        metric.update(real.cpu().double(), real=True)
        metric.update(made.cpu().double(), real=False)
        mean, deviation = metric.compute()
    return float(mean), float(deviation)


METRIC = FeatureMetric(
    name="kid",
    title="KID",
    form="{:.4f}",
    better="lower",
    protocol=f"KID (torchmetrics): cubic kernel, mean and standard deviation over {SUBSETS} subsets",
    uses=("rank",),
    measure=lambda real, made, seed: dict(zip(("kid", "kid_std"), kid(real, made, seed), strict=True)),
    describe=lambda features, real, fewest: (
        f"KID (torchmetrics): {features}; cubic kernel, mean and standard deviation over {SUBSETS} subsets of "
        f"{min(SUBSET, real, fewest)} (fewer where a set holds fewer)"
    ),
)
