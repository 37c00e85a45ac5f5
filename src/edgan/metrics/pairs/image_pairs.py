"""The images that a similarity metric compares: what they must be, and how values of several images are reduced."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor

from edgan.data.value_range import UNIT_RANGE, looks_like_unit_range
from edgan.errors import UsageError

Reduction = Literal["mean", "none"]

DATA_RANGE = 2.0
"""Images lie in [-1, 1]."""
# Rounding can leave the output of a tanh, or a resized image, this far outside.
TOLERANCE = 1e-3


def check_pairs(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    """Check two sets of images and convert them to one floating-point type of 32 bits or more.

    Args:
        a, b: (N, C, H, W) in [-1, 1].

    Returns:
        Both as float32, or as float64 if `a` is.

    Raises:
        UsageError: for different shapes, values outside [-1, 1] or, in both sets, in [0, 1], or values that are not
            finite.
    """
    if a.shape != b.shape:
        raise UsageError(
            f"The two sets of images must have the same shape; they have {tuple(a.shape)} and {tuple(b.shape)}."
        )
    if a.ndim != 4 or not len(a):
        raise UsageError(f"Images must be (N, C, H, W) with N at least 1; these are {tuple(a.shape)}.")
    for order, images in (("first", a), ("second", b)):
        if not images.is_floating_point():
            raise UsageError(
                f"The {order} images are {images.dtype}; they must be float in [-1, 1] (convert bytes x by "
                "x / 127.5 - 1)."
            )
        if not torch.isfinite(images).all():
            raise UsageError(f"The {order} images contain NaN or infinite values.")
        low, high = float(images.min()), float(images.max())
        if low < -1 - TOLERANCE or high > 1 + TOLERANCE:
            raise UsageError(
                f"The {order} images range from {low:.3g} to {high:.3g}; they must lie in [-1, 1]. Clip a sum of base "
                "and residual, or rescale, before measuring."
            )
    if looks_like_unit_range(a) and looks_like_unit_range(b):
        raise UsageError(f"Both sets of images have {UNIT_RANGE}.")
    # Half precision would lose the small differences that SSIM divides by.
    return (a.float(), b.float()) if a.dtype != torch.float64 else (a, b.double())


def mean_square(difference: Tensor) -> Tensor:
    """(N, ...) to (N,): the mean square of each sample."""
    return difference.square().flatten(1).mean(1)


def reduce(values: Tensor, reduction: str) -> Tensor:
    """(N,) to its mean, or unchanged.

    Raises:
        UsageError: `reduction` is neither "mean" nor "none".
    """
    if reduction not in ("mean", "none"):
        raise UsageError(f'There is no reduction {reduction!r}. Use "mean" or "none".')
    return values.mean() if reduction == "mean" else values
