"""How long a training takes on this machine, roughly, before it is started."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from edgan.api.explanation import explain
from edgan.api.machine import matrix_rate

EFFICIENCY = 0.5
"""Rate of a training's convolutions as a share of a large matrix product's (docs/performance.md: .55 to .75 alone)."""
GPU_RATE = 10_000.0
"""GFLOP/s that small convolutions reach on a current GPU, which hardly depends on its peak rate."""


@dataclass(frozen=True)
class TimeEstimate:
    """A rough estimate: number of steps, seconds in all, and GFLOP of a step."""

    steps: int
    seconds: float
    gigaflops: float


def estimate_time(
    method: str,
    *,
    data: str | Path | None = None,
    preset: str | None = None,
    size: int | None = None,
    steps: int | None = None,
    batch: int | None = None,
    set: Mapping[str, Any] | None = None,
) -> TimeEstimate:
    """Estimate the time of a training from its arithmetic and this machine's speed. Nothing is trained.

    Args:
        method, data, preset, size, batch, set: as for `train`.
        steps: the preset's unless given.

    Raises:
        UsageError: the call is wrong, or the data lacks what the method needs.
    """
    changes = {**(set or {}), **({} if batch is None else {"batch": batch})}
    explained = explain(method, data=data, preset=preset, size=size, set=changes)
    wanted = explained.configuration.steps if steps is None else steps
    stages, left, total = explained.method.plan.stages, wanted, 0.0
    each = [sum(usual.flops.values()) / 1e9 for usual, _ in explained.costs]
    for number, stage in enumerate(stages):
        here = left if number == len(stages) - 1 or stage.steps is None else min(left, stage.steps)
        total, left = total + here * each[number], left - here
    rate = GPU_RATE if torch.cuda.is_available() else EFFICIENCY * matrix_rate(512, 0.2)
    return TimeEstimate(wanted, total / rate, total / max(1, wanted))
