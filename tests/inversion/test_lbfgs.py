"""Batched L-BFGS against scipy's, one problem at a time."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch import Tensor

from edgan.inversion import minimise

COUNT, SIZE = 9, 8


def rosenbrock(points: Tensor, shifts: Tensor) -> Tensor:
    """A curved valley with its minimum, 0, at shifts + 1."""
    x = points - shifts[:, None]
    return (100 * (x[:, 1:] - x[:, :-1] ** 2) ** 2 + (1 - x[:, :-1]) ** 2).sum(1)


SHIFTS = torch.linspace(-1, 1, COUNT, dtype=torch.float64)
START = torch.randn(COUNT, SIZE, generator=torch.Generator().manual_seed(0), dtype=torch.float64)


def with_gradient(points: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
    point = points.clone().requires_grad_()
    values = rosenbrock(point, SHIFTS[which])
    return values.detach(), torch.autograd.grad(values.sum(), point)[0]


def by_scipy(row: int) -> tuple[float, int]:
    def function(x: np.ndarray) -> tuple[float, np.ndarray]:
        value, gradient = with_gradient(torch.from_numpy(x)[None], torch.tensor([row]))
        return float(value), gradient[0].numpy()

    result = minimize(function, START[row].numpy(), jac=True, method="L-BFGS-B", options={"ftol": 1e-12, "gtol": 1e-8})
    return float(result.fun), int(result.nfev)


def test_every_problem_ends_where_scipy_ends_at_a_like_cost() -> None:
    minimum = minimise(with_gradient, START, steps=500, tolerance=1e-12)
    truth = [by_scipy(row) for row in range(COUNT)]
    np.testing.assert_allclose(minimum.value.numpy(), [value for value, _ in truth], atol=1e-8)
    assert int(minimum.evaluations.sum()) < 2 * sum(cost for _, cost in truth)


def test_a_problem_alone_takes_the_same_way_as_among_others() -> None:
    together = minimise(with_gradient, START, steps=30)
    for row in (0, 4):
        alone = minimise(
            lambda p, _, row=row: with_gradient(p, torch.full((len(p),), row)), START[row : row + 1], steps=30
        )
        torch.testing.assert_close(alone.point[0], together.point[row], rtol=1e-9, atol=1e-9)


def test_rounds_are_those_of_the_slowest_problem_and_not_their_sum() -> None:
    minimum = minimise(with_gradient, START, steps=500)
    assert minimum.rounds == int(minimum.evaluations.max())


def test_a_quadratic_is_solved_exactly() -> None:
    matrix = torch.diag(torch.tensor([1.0, 10.0, 100.0], dtype=torch.float64))

    def function(points: Tensor, _: Tensor) -> tuple[Tensor, Tensor]:
        return 0.5 * (points @ matrix * points).sum(1), points @ matrix

    minimum = minimise(function, torch.ones(2, 3), tolerance=1e-14)
    torch.testing.assert_close(minimum.point, torch.zeros(2, 3, dtype=torch.float64), atol=1e-6, rtol=0)


@pytest.mark.parametrize("limit", [0, 1, 5])
def test_no_more_steps_than_asked_and_never_above_the_start(limit: int) -> None:
    minimum = minimise(with_gradient, START, steps=limit)
    assert int(minimum.steps.max()) <= limit
    assert (minimum.value <= with_gradient(START, torch.arange(COUNT))[0] + 1e-12).all()


def test_a_problem_that_is_not_finite_stops_and_leaves_the_others_alone() -> None:
    def function(points: Tensor, which: Tensor) -> tuple[Tensor, Tensor]:
        values, gradients = with_gradient(points, which)
        broken = which == 3
        return torch.where(broken, torch.nan, values), torch.where(broken[:, None], torch.nan, gradients)

    minimum = minimise(function, START, steps=500, tolerance=1e-12)
    assert minimum.value.isnan().tolist() == [row == 3 for row in range(COUNT)]
    assert (minimum.value[minimum.value.isfinite()] < 4.1).all()
