"""Damped Gauss-Newton on many problems at once, against a plain loop over one after the other."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from edgan.errors import EdganError
from edgan.inversion import fit
from edgan.inversion.gauss_newton import GOOD, LEAST, MOST, POOR, START, solve
from edgan.losses import l2

COUNT, LATENT = 5, 3


def generator() -> nn.Module:
    """A tiny generator: (n, 3) to (n, 1, 4, 4)."""
    torch.manual_seed(0)
    layers = nn.Sequential(nn.Linear(LATENT, 8), nn.Tanh(), nn.Linear(8, 16), nn.Tanh(), nn.Unflatten(1, (1, 4, 4)))
    return layers.double()


def problems(network: nn.Module) -> tuple[Tensor, Tensor]:
    """Images that it can draw, and starts some way off."""
    z = torch.rand(COUNT, LATENT, dtype=torch.float64) - 0.5
    with torch.no_grad():
        return network(z), (z + 0.5 * torch.randn_like(z)).clamp(-0.9, 0.9)


def plain_loop(network: nn.Module, image: Tensor, start: Tensor, steps: int) -> Tensor:
    """Levenberg-Marquardt on one image, its Jacobian written out and its normal equations solved exactly."""

    def residual(u: Tensor) -> Tensor:
        return (network(torch.tanh(u)[None]) - image[None]).flatten() / image.numel() ** 0.5

    u, damping = torch.atanh(start), None
    for _ in range(steps):
        r, jacobian = residual(u).detach(), torch.autograd.functional.jacobian(residual, u)
        gradient, normal = jacobian.T @ r, jacobian.T @ jacobian
        if damping is None:
            damping = START * float(gradient @ normal @ gradient / (gradient @ gradient))
        move = torch.linalg.solve(normal + damping * torch.eye(LATENT, dtype=u.dtype), -gradient)
        fall = float(r.square().sum() - residual(u + move).detach().square().sum())
        share = fall / float(r.square().sum() - (r + jacobian @ move).square().sum())
        if fall > 0:
            u = u + move
        factor = 4.0 if fall <= 0 or share <= POOR else 1 / 3 if share > GOOD else 1.0
        damping = min(max(damping * factor, LEAST), MOST)
    return torch.tanh(u).detach()


@pytest.mark.parametrize("steps", [1, 2, 6])
def test_a_batch_ends_where_a_plain_loop_over_its_images_does(steps: int) -> None:
    network = generator()
    images, starts = problems(network)
    fitted = fit(images, network, starts, steps=steps, optimiser="gauss-newton")
    expected = torch.stack([plain_loop(network, *pair, steps) for pair in zip(images, starts, strict=True)])
    torch.testing.assert_close(fitted.z, expected, rtol=1e-6, atol=1e-8)
    with torch.no_grad():
        torch.testing.assert_close(fitted.loss, l2(network(fitted.z), images))


def test_a_linear_problem_is_solved_as_lstsq_solves_it() -> None:
    torch.manual_seed(1)
    matrix, right = torch.randn(4, 9, 3, dtype=torch.float64), torch.randn(4, 9, dtype=torch.float64)
    solution = solve(lambda u: torch.einsum("nrz,nz->nr", matrix, u) - right, torch.zeros(4, 3).double(), steps=6)
    expected = torch.linalg.lstsq(matrix, right[..., None]).solution[..., 0]
    torch.testing.assert_close(solution.point, expected, rtol=1e-6, atol=1e-6)


def test_rosenbrocks_valley_is_followed_to_its_end() -> None:
    def residuals(u: Tensor) -> Tensor:
        return torch.stack([10 * (u[:, 1] - u[:, 0] ** 2), 1 - u[:, 0]], 1)

    start = torch.tensor([[-1.2, 1.0], [0.0, 3.0]], dtype=torch.float64)
    solution = solve(residuals, start, steps=60)
    torch.testing.assert_close(solution.point, torch.ones(2, 2).double(), atol=1e-6, rtol=0)
    assert solution.value.max() < 1e-12


def test_an_image_ends_the_same_alone_and_in_company() -> None:
    network = generator()
    images, starts = problems(network)
    together = fit(images, network, starts, steps=4, optimiser="gauss-newton")
    alone = fit(images[2:3], network, starts[2:3], steps=4, optimiser="gauss-newton")
    torch.testing.assert_close(together.z[2:3], alone.z)


def test_no_problem_ends_above_its_start_however_rough_it_is() -> None:
    def residuals(u: Tensor) -> Tensor:
        return torch.cat([torch.sin(40 * u), u.abs().sqrt() + 1], 1)

    start = torch.linspace(-1, 1, 41, dtype=torch.float64)[:, None] + 0.01
    solution = solve(residuals, start, steps=5)
    assert (solution.value <= residuals(start).square().sum(1)).all()
    assert (solution.steps <= 5).all()


def test_features_count_as_the_objective_says() -> None:
    network = generator()
    images, starts = problems(network)

    def features(pictures: Tensor) -> Tensor:
        return pictures.flatten(1).cumsum(1)

    fitted = fit(images, network, starts, features=features, feature_weight=0.1, steps=3, optimiser="gauss-newton")
    with torch.no_grad():
        drawn = network(fitted.z)
        expected = l2(drawn, images) + 0.1 * l2(features(drawn), features(images))
    torch.testing.assert_close(fitted.loss, expected)


def test_an_image_whose_start_is_not_finite_is_named() -> None:
    images, starts = problems(generator())

    def broken(z: Tensor) -> Tensor:
        return torch.where(z[:, :1, None, None] == starts[3, 0], torch.nan, 1.0) * torch.ones(1, 1, 4, 4)

    with pytest.raises(EdganError, match="Image 3 cannot be fitted"):
        fit(images, broken, starts, bounded=False, steps=2, optimiser="gauss-newton")
