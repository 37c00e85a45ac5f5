"""What a step's time goes into, by torch's profiler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from torch.profiler import ProfilerActivity, profile

KINDS: Mapping[str, tuple[str, ...]] = {
    "convolutions": ("conv",),
    "matrix products": ("aten::mm", "aten::addmm", "aten::bmm", "aten::baddbmm"),
    "norms": ("batch_norm", "group_norm", "layer_norm"),
}
"""Kinds of work, and what the names of its operations contain."""
OPTIMISERS, OTHER = "optimisers", "other"
"""Steps of the optimisers, and all else: activations, additions, copies, resizing, losses, Python."""
PRODUCTS = ("convolutions", "matrix products")
STEPS = 2


def shares_of(step: Callable[[], Any]) -> dict[str, float]:
    """The share of each kind of work in a step's time; together they are 1.

    Args:
        step: takes one.
    """
    with profile(activities=[ProfilerActivity.CPU]) as seen:
        for _ in range(STEPS):
            step()
    events = seen.key_averages()
    whole = sum(event.self_cpu_time_total for event in events)
    shares = {
        kind: sum(event.self_cpu_time_total for event in events if _is_of(event.key, parts)) / whole
        for kind, parts in KINDS.items()
    }
    shares[OPTIMISERS] = sum(event.cpu_time_total for event in events if event.key.startswith("Optimizer.step")) / whole
    return {**shares, OTHER: 1.0 - sum(shares.values())}


def _is_of(operation: str, parts: tuple[str, ...]) -> bool:
    return operation.startswith("aten::") and any(part in operation for part in parts)
