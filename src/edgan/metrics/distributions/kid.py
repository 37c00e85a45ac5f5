"""Kernel distance between two sets of features."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor

from edgan.errors import UsageError
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
            sync_on_compute=False,  # in a process group it would wait for processes that measure nothing
        )
        metric.update(real.cpu().double(), real=True)
        metric.update(made.cpu().double(), real=False)
        mean, deviation = metric.compute()
    return float(mean), float(deviation)


def paired_kid(real: Tensor, made: Tensor, seed: int = 0) -> tuple[float, float]:
    """`kid` of pictures that were made from the real ones, as reconstructions are.

    A picture is not compared with its own original: k(x_i, y_i) is left out of the mean over both sets. With it the
    estimate would lie below 0 for good reconstructions, and the more so the fewer there are. Over each subset this is
    the unbiased statistic of Gretton et al., "A kernel two-sample test", 2012, Eq. 4; it is 0 for equal pictures.

    Args:
        real, made: (N, D) both, row i of `made` from row i of `real`; N at least 2.
        seed: of the subsets.

    Returns:
        Mean and standard deviation over 100 subsets of 100 (one of all, where there are not more).

    Raises:
        UsageError: for other shapes.
    """
    from torchmetrics.image.kid import poly_kernel

    check_features(real, made)
    if len(real) != len(made):
        raise UsageError(f"Pairs need as many pictures as originals (got {len(made)} and {len(real)}).")
    real, made = real.cpu().double(), made.cpu().double()
    generator = torch.Generator().manual_seed(seed)
    count = min(SUBSET, len(real))
    values = []
    for _ in range(SUBSETS if len(real) > SUBSET else 1):
        chosen = torch.randperm(len(real), generator=generator)[:count]
        x, y = real[chosen], made[chosen]
        between = poly_kernel(x, x) + poly_kernel(y, y) - 2 * poly_kernel(x, y)
        values.append((between.sum() - between.diagonal().sum()) / (count * (count - 1)))
    spread = torch.stack(values)
    return float(spread.mean()), float(spread.std(correction=0))


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
