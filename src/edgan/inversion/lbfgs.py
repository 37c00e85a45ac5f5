"""L-BFGS on many small problems at once, each with its own line search.

Nocedal and Wright, Numerical Optimization, Algorithms 7.4 and 7.5; the line search is the bisection for the weak Wolfe
conditions of Lewis and Overton (2013), Algorithm 2.6. No problem waits for another: in every round each is evaluated at
its own next point, whether that starts a new direction or continues a line search. A round costs one batched
evaluation, and finished problems drop out.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from edgan.nets.precision import widened

DECREASE, CURVATURE = 1e-4, 0.9
TRIALS = 20
"""Line-search evaluations after which a problem stops."""

Function = Callable[[Tensor, Tensor], tuple[Tensor, Tensor]]
"""(points (n, Z), indices of their problems (n,)) to (values (n,), gradients (n, Z))."""


@dataclass(frozen=True)
class Minimum:
    """The result of `minimise`.

    Attributes:
        point: (N, Z).
        value: (N,).
        steps: (N,) int64, accepted steps of each problem.
        evaluations: (N,) int64, of each problem.
        rounds: batched evaluations.
    """

    point: Tensor
    value: Tensor
    steps: Tensor
    evaluations: Tensor
    rounds: int


def minimise(
    function: Function, start: Tensor, *, steps: int = 200, tolerance: float = 1e-6, history: int = 10
) -> Minimum:
    """Minimise N functions of Z numbers each.

    Args:
        function: values and gradients of some of the problems, each at its own point.
        start: (N, Z).
        steps: accepted steps of each problem, at most.
        tolerance: a problem is done when a step lowers its value by less than this times max(1, value), or no entry of
            its gradient is larger; scipy's L-BFGS-B stops by the same two.
        history: number of stored pairs of steps and gradient differences.

    Returns:
        The best points, as float64 (float32 on MPS, which has no float64). A problem never ends above its start.
    """
    search = _Search(function, widened(start), history)
    while (live := search.live(steps, tolerance)).numel():
        search.round(live)
    return Minimum(search.point, search.value, search.steps, search.evaluations, search.rounds)


class _Search:
    """The state of all problems: the current point, the line search and the history of each."""

    def __init__(self, function: Function, start: Tensor, history: int) -> None:
        count, size = start.shape
        self.function = function
        self.point = start.clone()
        everyone = torch.arange(count, device=start.device)
        self.value, self.gradient = self._evaluate(self.point, everyone)
        self.direction = -self.gradient
        self.length = 1.0 / self.gradient.norm(dim=1).clamp_min(1.0)
        self.low = start.new_zeros(count)
        self.high = start.new_full((count,), torch.inf)
        self.moves = start.new_zeros(count, history, size)
        self.turns = start.new_zeros(count, history, size)
        self.weights = start.new_zeros(count, history)
        self.steps = torch.zeros_like(everyone)
        self.trials = torch.zeros_like(everyone)
        self.evaluations = torch.ones_like(everyone)
        self.gain = torch.full_like(self.value, torch.inf)
        self.rounds = 1

    def _evaluate(self, points: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
        values, gradients = self.function(points, which)
        return widened(values), widened(gradients)

    def live(self, steps: int, tolerance: float) -> Tensor:
        """Indices of the problems that are not finished."""
        flat = self.gradient.abs().amax(1) <= tolerance
        idle = self.gain <= tolerance * self.value.abs().clamp_min(1.0)
        broken = ~torch.isfinite(self.value)
        return torch.nonzero(~(flat | idle | broken | (self.steps >= steps) | (self.trials >= TRIALS)))[:, 0]

    def round(self, live: Tensor) -> None:
        """Evaluate each live problem once and update its line search."""
        length, direction = self.length[live], self.direction[live]
        trial = self.point[live] + length[:, None] * direction
        value, gradient = self._evaluate(trial, live)
        self.rounds += 1
        self.evaluations[live] += 1
        slope = (self.gradient[live] * direction).sum(1)
        lower = value <= self.value[live] + DECREASE * length * slope
        lower &= torch.isfinite(value) & torch.isfinite(gradient).all(1)
        flatter = (gradient * direction).sum(1) >= CURVATURE * slope
        taken = lower & flatter
        self._shorten(live[~lower], value[~lower])
        self._lengthen(live[lower & ~flatter])
        self._accept(live[taken], trial[taken], value[taken], gradient[taken])

    def _shorten(self, rows: Tensor, value: Tensor) -> None:
        """The step was too long: go to the parabola's minimum where there is no lower bound yet, else to the middle."""
        length, low = self.length[rows], self.low[rows]
        slope = (self.gradient[rows] * self.direction[rows]).sum(1)
        bend = (value - self.value[rows] - slope * length).nan_to_num(torch.inf, torch.inf)
        parabola = (-0.5 * slope * length.square() / bend).nan_to_num(0.0)
        at_first = torch.clamp(parabola, min=0.1 * length, max=0.5 * length)
        self.high[rows] = length
        self.length[rows] = torch.where(low == 0, at_first, 0.5 * (low + length))
        self.trials[rows] += 1

    def _lengthen(self, rows: Tensor) -> None:
        """The slope is still steep: go to the middle of the interval, or twice as far where it has no upper bound."""
        length, high = self.length[rows], self.high[rows]
        self.low[rows] = length
        self.length[rows] = torch.where(torch.isinf(high), 2.0 * length, 0.5 * (length + high))
        self.trials[rows] += 1

    def _accept(self, rows: Tensor, point: Tensor, value: Tensor, gradient: Tensor) -> None:
        move, turn = point - self.point[rows], gradient - self.gradient[rows]
        product = (move * turn).sum(1)
        known = product > 1e-12 * turn.square().sum(1)
        learn = rows[known]
        self.moves[learn] = torch.cat([self.moves[learn, 1:], move[known, None]], 1)
        self.turns[learn] = torch.cat([self.turns[learn, 1:], turn[known, None]], 1)
        self.weights[learn] = torch.cat([self.weights[learn, 1:], 1.0 / product[known, None]], 1)
        self.gain[rows] = self.value[rows] - value
        self.point[rows], self.value[rows], self.gradient[rows] = point, value, gradient
        self.steps[rows] += 1
        self.trials[rows] = 0
        self.low[rows], self.high[rows], self.length[rows] = 0.0, torch.inf, 1.0
        self.direction[rows] = -self._scaled(rows)

    def _scaled(self, rows: Tensor) -> Tensor:
        """The gradient times the approximate inverse Hessian: the two loops of Algorithm 7.4, for all rows at once."""
        moves, turns, weights = self.moves[rows], self.turns[rows], self.weights[rows]
        result, shares = self.gradient[rows].clone(), []
        for i in reversed(range(moves.shape[1])):
            share = weights[:, i] * (moves[:, i] * result).sum(1)
            result -= share[:, None] * turns[:, i]
            shares.append(share)
        newest = turns[:, -1].square().sum(1) * weights[:, -1]
        result /= torch.where(newest > 0, newest, self.gradient[rows].norm(dim=1).clamp_min(1.0))[:, None]
        for i in range(moves.shape[1]):
            back = weights[:, i] * (turns[:, i] * result).sum(1)
            result += (shares[-1 - i] - back)[:, None] * moves[:, i]
        return result
