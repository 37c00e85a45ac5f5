"""How pictures of one input differ from each other, octave by octave; how steady a training's loss was."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics.spectrum import octave_bands

VARIATION_PROTOCOL = (
    "variation by octave: power of each variant less the mean of its input's variants, K/(K-1) of it, mean over "
    "variants and inputs; grey, Hann window, finest octave first"
)
SMOOTHING = 0.9
STABILITY_PROTOCOL = (
    f"stability: standard deviation of a loss around its moving average (factor {SMOOTHING}, bias-corrected, of the "
    "values before), over the mean absolute loss; the first tenth is left out"
)


def variation_by_octave(variants: Tensor) -> Tensor:
    """The variance between variants of one input, by octave of radial frequency.

    Args:
        variants: (K, N, C, H, W): K variants of N inputs, K at least 2, sides of 8 pixels or more.

    Returns:
        (B,), the finest octave first, in squared units of the pictures; see `spectrum.octave_bands` for the bands.

    Raises:
        UsageError: for another shape, fewer than two variants, or values that are not finite.
    """
    if variants.dim() != 5 or len(variants) < 2:
        raise UsageError(f"Variants are (K, N, C, H, W) with K of 2 or more; these are {tuple(variants.shape)}.")
    apart = variants - variants.mean(0, keepdim=True)
    count = len(variants)
    return octave_bands(apart.flatten(0, 1)).mean(0) * count / (count - 1)


def instability(losses: Sequence[float]) -> float:
    """How far a loss jumps about its own moving average, as a share of its size.

    Paper 5's "stability" is TensorBoard's smoothing coefficient, which is no measure; this stands for it.

    Args:
        losses: one value a step or a logged step, 20 or more, in order.

    Returns:
        0 for a loss that does not move; see `STABILITY_PROTOCOL`.

    Raises:
        UsageError: fewer than 20 values, or some that are not finite.
    """
    values = [float(value) for value in losses]
    if len(values) < 20 or not all(map(math.isfinite, values)):
        raise UsageError(f"Stability is read off 20 finite losses or more; there are {len(values)}, or some are not.")
    average, weight = values[0] * (1 - SMOOTHING), 1 - SMOOTHING
    jumps = [0.0]
    for value in values[1:]:
        jumps.append(value - average / weight)
        average = SMOOTHING * average + (1 - SMOOTHING) * value
        weight = SMOOTHING * weight + (1 - SMOOTHING)
    first = len(values) // 10
    kept = torch.tensor(jumps[first:], dtype=torch.float64)
    size = torch.tensor(values[first:], dtype=torch.float64).abs().mean()
    return float(kept.std(correction=0) / size) if size > 0 else 0.0


def spread_over_seeds(curves: Sequence[Sequence[float]]) -> float:
    """How differently seeds train: the standard deviation of a loss over seeds, step by step, over its mean size.

    Args:
        curves: the loss of each seed at the same steps, two seeds or more.

    Returns:
        The mean over steps, the first tenth left out; 0 where all seeds agree.

    Raises:
        UsageError: fewer than two curves, or of different lengths.
    """
    if len(curves) < 2 or len({len(curve) for curve in curves}) != 1:
        raise UsageError("A spread over seeds needs two curves or more, of the same steps.")
    values = torch.tensor([list(map(float, curve)) for curve in curves], dtype=torch.float64)
    kept = values[:, values.shape[1] // 10 :]
    size = kept.abs().mean()
    return float(kept.std(0).mean() / size) if size > 0 else 0.0
