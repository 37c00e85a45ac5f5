"""How steadily a loss falls: around its own moving average, and from seed to seed."""

from __future__ import annotations

import math
from collections.abc import Sequence

import torch

from edgan.errors import UsageError

SMOOTHING = 0.9
STABILITY_PROTOCOL = (
    f"stability: standard deviation of a loss around its moving average (factor {SMOOTHING}, bias-corrected, of the "
    "values before), over the mean absolute loss; the first tenth is left out"
)


def instability(losses: Sequence[float]) -> float:
    """How far a loss jumps around its own moving average, as a share of its size.

    This replaces Paper 5's "stability", which is TensorBoard's smoothing coefficient and measures nothing.

    Args:
        losses: a value for each step or each logged step, in order; at least 20.

    Returns:
        0 for a loss that does not move; see `STABILITY_PROTOCOL`.

    Raises:
        UsageError: fewer than 20 values, or some that are not finite.
    """
    values = [float(value) for value in losses]
    if len(values) < 20 or not all(map(math.isfinite, values)):
        raise UsageError(f"losses must be at least 20 finite values (got {len(values)}, or some are not finite).")
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
    """How much a loss differs between seeds: its standard deviation over seeds at each step, over its mean size.

    Args:
        curves: the loss of each seed at the same steps; at least two seeds.

    Returns:
        The mean over steps, the first tenth left out; 0 where all seeds agree.

    Raises:
        UsageError: fewer than two curves, or curves of different lengths.
    """
    if len(curves) < 2 or len({len(curve) for curve in curves}) != 1:
        raise UsageError("curves must be at least two, all of the same length.")
    values = torch.tensor([list(map(float, curve)) for curve in curves], dtype=torch.float64)
    kept = values[:, values.shape[1] // 10 :]
    size = kept.abs().mean()
    return float(kept.std(0).mean() / size) if size > 0 else 0.0
