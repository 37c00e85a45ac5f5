"""Gauss-Newton on many small least-squares problems at once, each with its own Levenberg-Marquardt damping.

Nocedal and Wright, Numerical Optimization, Sections 10.3 and 7.1. A problem's Jacobian has as many rows as an image
has pixels and is never formed: its normal equations are solved by a few steps of conjugate gradients, whose products
are one forward-mode and one reverse-mode derivative of all problems together. Each problem's damping follows the ratio
of the actual to the predicted decrease.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

Residuals = Callable[[Tensor], Tensor]
"""(N, Z) to (N, R), a row for each problem; its value is the sum of the row's squares."""

START = 1e-3
"""The initial damping, as a share of the curvature along the gradient."""
MOST, LEAST = 1e8, 1e-8
GOOD, POOR = 0.75, 0.25
"""Shares of the predicted decrease: above the first the damping is lowered, below the second it is raised."""


@dataclass(frozen=True)
class Solution:
    """The result of `solve`.

    Attributes:
        point: (N, Z).
        value: (N,) the sum of squares.
        steps: (N,) int64, accepted steps of each problem.
    """

    point: Tensor
    value: Tensor
    steps: Tensor


def solve(residuals: Residuals, start: Tensor, *, steps: int = 10, inner: int = 8) -> Solution:
    """Minimise N sums of squares of Z numbers each.

    Args:
        residuals: differentiable in forward and reverse mode, row by row.
        start: (N, Z).
        steps: number of steps that are tried; a problem never ends above its start.
        inner: conjugate gradient steps in each.
    """
    point = start.detach()
    taken = torch.zeros(len(point), dtype=torch.int64, device=point.device)
    damping: Tensor | None = None
    for _ in range(steps):
        values, pullback = torch.func.vjp(residuals, point)  # type: ignore[misc]
        value = values.square().sum(1)
        (gradient,) = pullback(values)
        curvature = _Curvature(residuals, pullback, point)
        if damping is None:
            damping = START * _along(curvature, gradient)
        move = _conjugate_gradients(curvature, damping, -gradient, inner)
        with torch.no_grad():
            trial = residuals(point + move).square().sum(1)
        # A solution by conjugate gradients from 0 has move' (J'J + d) move = -gradient' move.
        predicted = damping * move.square().sum(1) - (gradient * move).sum(1)
        share = (value - trial) / predicted.clamp_min(torch.finfo(point.dtype).tiny)
        good = torch.isfinite(trial) & (trial < value)
        point = torch.where(good[:, None], point + move, point)
        taken += good
        factor = torch.where(good & (share > GOOD), 1 / 3, torch.where(good & (share > POOR), 1.0, 4.0))
        damping = (damping * factor).clamp(LEAST, MOST)
    with torch.no_grad():
        value = residuals(point).square().sum(1)
    return Solution(point, value, taken)


@dataclass(frozen=True)
class _Curvature:
    """The product J'J v of every problem, at a point."""

    residuals: Residuals
    pullback: Callable[[Tensor], tuple[Tensor]]
    point: Tensor

    def __call__(self, v: Tensor) -> Tensor:
        _, forward = torch.func.jvp(self.residuals, (self.point,), (v,))  # type: ignore[misc]
        return self.pullback(forward)[0]


def _along(curvature: _Curvature, v: Tensor) -> Tensor:
    """(N,) the curvature in the direction of v; 1 where v is 0."""
    length = v.square().sum(1)
    return torch.where(length > 0, (v * curvature(v)).sum(1) / length.clamp_min(1e-30), 1.0).clamp_min(LEAST)


def _conjugate_gradients(curvature: _Curvature, damping: Tensor, right: Tensor, steps: int) -> Tensor:
    """Approximate solutions of (J'J + damping) x = right for each problem, from 0: (N, Z) to (N, Z)."""
    solution, rest = torch.zeros_like(right), right
    direction, size = rest, rest.square().sum(1)
    for _ in range(steps):
        turned = curvature(direction) + damping[:, None] * direction
        bend = (direction * turned).sum(1)
        # A problem that is solved, or whose curvature is lost in rounding, does not move.
        length = torch.where((size > 0) & (bend > 0), size / bend.clamp_min(1e-30), 0.0)[:, None]
        solution = solution + length * direction
        rest = rest - length * turned
        larger = rest.square().sum(1)
        direction = rest + torch.where(size > 0, larger / size.clamp_min(1e-30), 0.0)[:, None] * direction
        size = larger
    return solution
