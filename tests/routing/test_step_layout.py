"""The memory layout of gradients: a step is right in any, and those of plain backwards reach a weight first."""

from __future__ import annotations

import copy

import torch
from gan_plan import plan_of
from routing_toys import sgd, toy_inputs, toy_networks
from torch import nn

from edgan.losses import r1_penalty
from edgan.routing import Executor, descend


def penalised(network: nn.Module, images: torch.Tensor) -> torch.Tensor:
    points = images.clone().requires_grad_()
    return r1_penalty(points, network(points).flatten(1).sum(1)).mean()


def test_fused_adam_takes_the_same_step_as_plain_adam_after_a_double_backward():
    torch.manual_seed(0)
    plain = nn.Sequential(nn.Conv2d(3, 4, 3, stride=2, padding=1), nn.Softplus(), nn.Conv2d(4, 2, 3))
    plain.to(memory_format=torch.channels_last)
    fused = copy.deepcopy(plain)
    images = torch.randn(5, 3, 16, 16).contiguous(memory_format=torch.channels_last)
    loss = penalised(fused, images)
    (gradient,) = torch.autograd.grad(loss, [fused[0].weight], retain_graph=True)
    assert gradient.stride() != fused[0].weight.stride()

    descend(loss, list(fused.parameters()), torch.optim.Adam(fused.parameters(), lr=1e-2, fused=True))
    reference = torch.optim.Adam(plain.parameters(), lr=1e-2, foreach=False)
    penalised(plain, images).backward()
    reference.step()

    for ours, theirs in zip(fused.parameters(), plain.parameters(), strict=True):
        torch.testing.assert_close(ours, theirs)


def test_a_loss_that_differentiates_is_computed_first_and_told_in_the_order_of_the_table():
    plan = plan_of(decoupled=False, simultaneous=True)
    networks = toy_networks(*plan.table.networks)
    result = Executor(plan, networks, sgd(networks)).step(0, 0, lambda _: toy_inputs(0))
    computed = list(result.forward.values)
    assert computed.index("d_point") < computed.index("d_real")
    assert list(result.losses) == [term.name for term in plan.passes(0)[0].terms]
    assert list(result.losses).index("critic") < list(result.losses).index("penalty")
