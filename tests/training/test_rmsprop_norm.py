"""RMSProp with one second moment for a whole network."""

from __future__ import annotations

import math

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from edgan.training.rmsprop_norm import RMSPropNorm

LR, BETA2, STEPS = 1e-2, 0.9, 20


def parameters(dtype: torch.dtype = torch.float32) -> list[nn.Parameter]:
    generator = torch.Generator().manual_seed(0)
    return [nn.Parameter(torch.randn(*shape, generator=generator).to(dtype)) for shape in ((5, 3, 3, 3), (5,), (7, 45))]


def gradients(step: int) -> list[Tensor]:
    """Each tensor's gradient has a size of its own, from 1 to 100."""
    generator = torch.Generator().manual_seed(step + 1)
    return [torch.randn(p.shape, generator=generator) * 10**i for i, p in enumerate(parameters())]


def displacements(factor: float = 1.0, dtype: torch.dtype = torch.float32) -> Tensor:
    """How each step moves the weights; (STEPS, number of weights)."""
    weights = parameters(dtype)
    optimiser = RMSPropNorm(weights, LR, BETA2)
    moved = []
    for step in range(STEPS):
        before = flat(weights)
        for weight, gradient in zip(weights, gradients(step), strict=True):
            weight.grad = factor * gradient.to(dtype)
        optimiser.step()
        moved.append(flat(weights) - before)
    return torch.stack(moved)


def flat(tensors: list[nn.Parameter] | list[Tensor]) -> Tensor:
    return torch.cat([tensor.detach().flatten() for tensor in tensors])


def test_each_step_is_parallel_to_the_gradient() -> None:
    against = torch.stack([-flat(gradients(step)) for step in range(STEPS)])
    assert float(cosine_similarity(displacements(), against).min()) > 0.99999


def test_a_step_moves_a_weight_by_the_rate_in_the_root_mean_square() -> None:
    lengths = displacements().square().mean(1).sqrt()
    assert float(lengths[0]) == pytest.approx(LR, rel=1e-4)  # the moment's bias is corrected
    assert float(lengths.mean()) == pytest.approx(LR, rel=0.1)


def test_the_steps_are_those_of_the_formula() -> None:
    moment, expected = 0.0, []
    for step in range(STEPS):
        gradient = flat(gradients(step)).double()
        moment = BETA2 * moment + (1 - BETA2) * float(gradient.square().mean())
        expected.append(-LR * gradient / math.sqrt(moment / (1 - BETA2 ** (step + 1))))
    torch.testing.assert_close(displacements(dtype=torch.float64), torch.stack(expected), rtol=1e-6, atol=0)


def test_a_factor_on_the_gradient_changes_nothing() -> None:
    moved = displacements(dtype=torch.float64)
    torch.testing.assert_close(displacements(1000.0, torch.float64), moved, rtol=1e-6, atol=1e-12)


def test_a_parameter_without_a_gradient_stays_and_does_not_count() -> None:
    weights = parameters()
    before = weights[0].detach().clone()
    optimiser = RMSPropNorm(weights, LR, BETA2)
    weights[1].grad = torch.full_like(weights[1], 3.0)
    start = weights[1].detach().clone()
    optimiser.step()
    assert torch.equal(weights[0], before)
    torch.testing.assert_close(start - weights[1].detach(), torch.full((5,), LR))


def test_a_gradient_of_zero_moves_nothing() -> None:
    weights = parameters()
    before = flat(weights)
    for weight in weights:
        weight.grad = torch.zeros_like(weight)
    RMSPropNorm(weights, LR).step()
    assert torch.equal(flat(weights), before)
