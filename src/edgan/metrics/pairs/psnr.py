"""Peak signal-to-noise ratio."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from edgan.metrics.metric import PairMetric
from edgan.metrics.pairs.image_pairs import DATA_RANGE, Reduction, check_pairs, mean_square, reduce

PSNR_PROTOCOL = "PSNR in dB; images in [-1, 1], data range 2; squared error over all channels; mean over images"


def psnr(a: Tensor, b: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Peak signal-to-noise ratio, 10 log10(2^2 / mean squared error), in decibels.

    Args:
        a, b: images, (N, C, H, W) in [-1, 1]; the metric is symmetric.
        reduction: "mean" over images (not the PSNR of the mean error), or "none".

    Returns:
        A scalar, or (N,). Equal images give infinity.

    Raises:
        UsageError: for different shapes, values outside [-1, 1], or values that are not finite.
    """
    a, b = check_pairs(a, b)
    return reduce(10 * torch.log10(DATA_RANGE**2 / mean_square(a - b)), reduction)


METRIC = PairMetric(
    name="psnr",
    title="PSNR, dB",
    form="{:.2f}",
    better="higher",
    protocol=PSNR_PROTOCOL,
    request="similarity",
    measure=partial(psnr, reduction="none"),
)
