"""How far a set of images lies from the real set in the space of some features: FID and KID, by torchmetrics."""

from __future__ import annotations

import warnings

import torch
from torch import Tensor, nn
from torchmetrics.image.fid import FrechetInceptionDistance
from torchmetrics.image.kid import KernelInceptionDistance

from edgan.errors import UsageError

SUBSETS, SUBSET = 100, 100


class _AsTheyAre(nn.Module):
    """torchmetrics takes a network from images to features; here the features are there already."""

    def __init__(self, count: int) -> None:
        super().__init__()
        self.num_features = count

    def forward(self, features: Tensor) -> Tensor:
        return features


def fid(real: Tensor, made: Tensor) -> float:
    """Frechet distance between Gaussians fitted to two sets of features (Heusel et al. 2017, Eq. 6); 0 is equal.

    Args:
        real, made: (N, D) and (M, D), N and M at least 2.

    Raises:
        UsageError: for other shapes.
    """
    _check(real, made)
    metric = FrechetInceptionDistance(feature=_AsTheyAre(real.shape[1]))
    metric.update(real.double(), real=True)
    metric.update(made.double(), real=False)
    # The square root of a product of nearly singular matrices leaves rounding on both sides of 0.
    return max(0.0, float(metric.compute()))


def kid(real: Tensor, made: Tensor, seed: int = 0) -> tuple[float, float]:
    """Kernel distance: squared MMD with the cubic polynomial kernel (Binkowski et al., "Demystifying MMD GANs", 2018).

    Mean and standard deviation over 100 subsets of 100 (of all, where there are fewer). Unbiased: equal distributions
    give 0 on average, and values a little below it occur.

    Args, raises as `fid`.
    """
    _check(real, made)
    with warnings.catch_warnings(), torch.random.fork_rng(devices=[]):
        warnings.filterwarnings("ignore", message="Metric `Kernel Inception Distance` will save")
        torch.manual_seed(seed)
        metric = KernelInceptionDistance(
            feature=_AsTheyAre(real.shape[1]), subsets=SUBSETS, subset_size=kid_subset(len(real), len(made))
        )
        metric.update(real.double(), real=True)
        metric.update(made.double(), real=False)
        mean, deviation = metric.compute()
    return float(mean), float(deviation)


def kid_subset(real: int, made: int) -> int:
    """How many of each set a subset holds."""
    return min(SUBSET, real, made)


def _check(real: Tensor, made: Tensor) -> None:
    if real.ndim != 2 or made.ndim != 2 or real.shape[1] != made.shape[1] or min(len(real), len(made)) < 2:
        raise UsageError(
            "Features are (N, D) and (M, D) with N and M at least 2; "
            f"these are {tuple(real.shape)} and {tuple(made.shape)}."
        )
