"""Gradient penalties on discriminators whose gradients are known."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from edgan.losses import interpolate, r1_penalty, wgan_gp_penalty

WEIGHT = torch.tensor([3.0, 0.0, -4.0], dtype=torch.float64)


def points() -> Tensor:
    generator = torch.Generator().manual_seed(0)
    return torch.randn(5, 3, generator=generator, dtype=torch.float64).requires_grad_()


def test_a_linear_discriminator_pays_for_the_norm_of_its_weights() -> None:
    x = points()
    torch.testing.assert_close(r1_penalty(x, x @ WEIGHT), torch.full((5,), 12.5, dtype=torch.float64))
    torch.testing.assert_close(wgan_gp_penalty(x, x @ WEIGHT), torch.full((5,), 16.0, dtype=torch.float64))


def test_each_sample_pays_for_its_own_slope() -> None:
    """D(x) = |x|^2 / 2 has the gradient x."""
    x = points()
    squared = x.detach().square().sum(1)
    torch.testing.assert_close(r1_penalty(x, x.square().sum(1) / 2), squared / 2)
    torch.testing.assert_close(wgan_gp_penalty(x, x.square().sum(1) / 2), (squared.sqrt() - 1) ** 2)


def test_patch_logits_are_summed_before_the_gradient_is_taken() -> None:
    x = points()
    logits = torch.stack([x @ WEIGHT, x.square().sum(1)], 1)
    expected = 0.5 * (WEIGHT + 2 * x.detach()).square().sum(1)
    torch.testing.assert_close(r1_penalty(x, logits), expected)


@pytest.mark.parametrize("penalty", [r1_penalty, wgan_gp_penalty])
def test_the_penalty_teaches_the_discriminator(penalty: Callable[[Tensor, Tensor], Tensor]) -> None:
    """Its gradient by the weights, double backward, agrees with finite differences."""
    x = points()

    def paid(weight: Tensor) -> Tensor:
        return penalty(x, (torch.tanh(x) * weight).sum(1).sin())

    assert torch.autograd.gradcheck(paid, WEIGHT.clone().requires_grad_())


def test_a_flat_discriminator_pays_one_and_its_gradient_is_finite() -> None:
    x, weight = points(), torch.zeros(3, dtype=torch.float64, requires_grad=True)
    paid = wgan_gp_penalty(x, x @ weight)
    assert paid.tolist() == [1.0] * 5
    (gradient,) = torch.autograd.grad(paid.sum(), weight)
    assert torch.isfinite(gradient).all()


def test_points_lie_between_real_and_fake() -> None:
    real, fake = torch.ones(3, 1, 2, 2), torch.zeros(3, 1, 2, 2)
    position = torch.tensor([0.0, 0.25, 1.0]).view(3, 1, 1, 1)
    assert interpolate(real, fake, position)[:, 0, 0, 0].tolist() == [0.0, 0.25, 1.0]
