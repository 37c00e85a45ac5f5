"""A cut scales the gradient on one path, for methods in which the path matters and not only its two ends."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor


@dataclass(frozen=True)
class Cut:
    """Scales the gradient that flows back from one consumer of a tap into that tap.

    Attributes:
        name: what `explain` calls it.
        tap: the tap whose gradient is scaled.
        into: the consumer (a tap or a term) whose gradient is scaled; None means every consumer.
        scale: 0 stops the gradient, 1 leaves it; the value itself never changes.
        phases: the phases (by name) in which the cut holds; None means all. Two cuts at one tap with different phases
            give each phase a scale of its own.
    """

    name: str
    tap: str
    into: str | None = None
    scale: float = 0.0
    phases: tuple[str, ...] | None = None

    def holds(self, phases: tuple[str, ...]) -> bool:
        """Whether the cut holds in a pass over these phases."""
        return self.phases is None or any(phase in self.phases for phase in phases)


class _ScaleGradient(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, value: Tensor, scale: float) -> Tensor:
        ctx.scale = scale
        return value.view_as(value)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None]:
        return gradients[0] * ctx.scale, None


def scale_gradient(value: Any, scale: float) -> Any:
    """The value unchanged, its gradient times `scale`. A tuple is scaled element by element; other values pass."""
    if isinstance(value, Tensor):
        return value.detach() if scale == 0.0 else _ScaleGradient.apply(value, scale)
    if isinstance(value, tuple):
        scaled = (scale_gradient(item, scale) for item in value)
        return type(value)(*scaled) if hasattr(value, "_fields") else tuple(scaled)
    return value
