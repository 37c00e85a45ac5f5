"""Differences between a prediction and its target, per sample."""

from __future__ import annotations

from torch import Tensor


def l1(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean absolute difference of each sample.

    Args:
        prediction: (N, ...).
        target: (N, ...), the same shape.

    Returns:
        (N,). Source: Paper 1 (decoupled learning), Eq. 4-6; with the mean over pixels in place of the paper's sum.
    """
    return (prediction - target).abs().flatten(1).mean(1)


def l2(prediction: Tensor, target: Tensor) -> Tensor:
    """Mean squared difference of each sample.

    Args:
        prediction: (N, ...).
        target: (N, ...), the same shape.

    Returns:
        (N,).
    """
    return (prediction - target).square().flatten(1).mean(1)
