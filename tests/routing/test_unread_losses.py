"""A step that reads no loss does, bit for bit, what a step that reads them does."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial

import pytest
import torch
from gan_plan import plan_of
from routing_toys import clone, same, toy_inputs, toy_networks
from torch import Tensor, nn

from edgan.routing import Balance, Executor, NonFiniteLossError, Phase, Plan, Stage, StepCondition, Table, read_losses
from edgan.routing.descent import take_step
from edgan.training.rmsprop import RMSProp
from edgan.training.rmsprop_norm import RMSPropNorm

OPTIMISERS: Mapping[str, Callable[..., torch.optim.Optimizer]] = {
    "fused adam": partial(torch.optim.Adam, lr=0.01, fused=True),
    "adam": partial(torch.optim.Adam, lr=0.01),
    "rmsprop": partial(RMSProp, lr=0.01),
    "torch's rmsprop": partial(torch.optim.RMSprop, lr=0.01),
    "rmsprop-norm": partial(RMSPropNorm, lr=0.01),
    "sgd": partial(torch.optim.SGD, lr=0.01, momentum=0.9),
}
YES = torch.ones((), dtype=torch.bool)


def state_of(optimiser: torch.optim.Optimizer) -> dict[str, Tensor]:
    states = enumerate(optimiser.state.values())
    return {f"{i}.{name}": v.clone() for i, state in states for name, v in state.items() if isinstance(v, Tensor)}


def spoilt(plan: Plan, term: str, steps: set[int]) -> Plan:
    """The plan, with a term that is NaN at these steps; each step calls it once."""
    calls = iter(range(1000))

    def broken(real: Callable[..., Tensor], *taps: Tensor) -> Tensor:
        return real(*taps) * (math.nan if next(calls) in steps else 1.0)

    rows = (
        replace(r, term=replace(r.term, loss=partial(broken, r.term.loss))) if r.term.name == term else r
        for r in plan.table.rows
    )
    return replace(plan, table=Table(plan.table.networks, tuple(rows)))


def conditional(simultaneous: bool, level: float) -> Plan:
    """D waits while the critic is below a level, and the makers while it is above."""
    plan = plan_of(decoupled=False, simultaneous=simultaneous)
    d, g = (
        StepCondition(side, ("critic", "critic"), Balance(side, level, 0.0)) for side in ("discriminator", "generator")
    )
    phases = (
        Phase("discriminate", ("discriminator",), condition=d),
        Phase("make", ("encoder", "decoder"), condition=g),
    )
    return replace(plan, stages=(Stage("s", phases, simultaneous),))


@pytest.mark.parametrize("kind", OPTIMISERS)
@pytest.mark.parametrize("simultaneous", [True, False])
def test_it_trains_the_same_weights_and_gives_the_same_losses(kind: str, simultaneous: bool) -> None:
    plan = plan_of(decoupled=True, simultaneous=simultaneous)
    ends, losses = [], []
    for unread in (False, True):
        networks = toy_networks(*plan.table.networks)
        optimisers = {name: OPTIMISERS[kind](network.parameters()) for name, network in networks.items()}
        executor = Executor(plan, networks, optimisers)
        sound = YES if unread else None
        for step in range(6):
            result = executor.step(0, step, lambda _, step=step: toy_inputs(step), sound)
            sound = result.sound
            losses.append(read_losses(result.unread))
            assert result.losses == ({} if unread else losses[-1])
        ends.append((networks, [state_of(optimiser) for optimiser in optimisers.values()]))
    assert losses[:6] == losses[6:]
    assert all(same(ends[0][0][name], ends[1][0][name]) for name in ends[0][0])
    torch.testing.assert_close(ends[0][1], ends[1][1], rtol=0, atol=0)


@pytest.mark.parametrize("simultaneous", [True, False])
def test_conditions_are_decided_alike(simultaneous: bool) -> None:
    plan, ends, moves = conditional(simultaneous, level=0.1), [], set()
    for unread in (False, True):
        networks = toy_networks(*plan.table.networks)
        optimisers = {name: OPTIMISERS["fused adam"](network.parameters()) for name, network in networks.items()}
        executor, sound = Executor(plan, networks, optimisers), YES if unread else None
        for step in range(12):
            before = clone(networks)
            sound = executor.step(0, step, lambda _, step=step: toy_inputs(step), sound).sound
            moves.add(tuple(not same(networks[name], before[name]) for name in networks))
        ends.append(networks)
    assert all(same(ends[0][name], ends[1][name]) for name in ends[0])
    assert {(True, True, False), (False, False, True)} <= moves


@pytest.mark.parametrize("kind", OPTIMISERS)
@pytest.mark.parametrize("first", [0, 2])
def test_from_a_loss_that_is_not_finite_on_nothing_changes(kind: str, first: int) -> None:
    """The pass before it in the same step has stepped; after it no weight and no state changes, not even later."""
    plan = spoilt(plan_of(decoupled=True, simultaneous=False), "reconstruction", {first})
    networks = toy_networks(*plan.table.networks)
    optimisers = {name: OPTIMISERS[kind](network.parameters()) for name, network in networks.items()}
    executor, sound, kept = Executor(plan, networks, optimisers), YES, {}
    for step in range(first + 3):
        before = clone(networks)
        result = executor.step(0, step, lambda _, step=step: toy_inputs(step), sound)
        assert result.sound is not None
        sound = result.sound
        assert bool(sound) is (step < first)
        changed = {name for name in networks if not same(networks[name], before[name])}
        assert changed == (set(networks) if step < first else {"discriminator"} if step == first else set())
        states = {name: state_of(optimiser) for name, optimiser in optimisers.items()}
        if step >= first:
            for name in networks.keys() - ({"discriminator"} if step == first else set()):
                earlier = kept.get(name) or {key: torch.zeros_like(value) for key, value in states[name].items()}
                torch.testing.assert_close(states[name], earlier, rtol=0, atol=0)
        kept = states
        if step == first:
            with pytest.raises(NonFiniteLossError, match="'reconstruction' is nan") as caught:
                read_losses(result.unread, 7)
            assert caught.value.step == 7


@pytest.mark.parametrize("kind", OPTIMISERS)
def test_a_step_that_does_not_open_leaves_no_trace(kind: str) -> None:
    """Steps that were skipped in between make no difference to those that follow."""
    torch.manual_seed(0)
    gradients = [torch.randn(3, 4), torch.randn(3, 4), torch.randn(3, 4)]
    start = torch.randn(3, 4)
    plain, masked = nn.Parameter(start.clone()), nn.Parameter(start.clone())
    one, other = OPTIMISERS[kind]([plain]), OPTIMISERS[kind]([masked])
    for gradient in gradients:
        take_step(one, [plain], [gradient])
        take_step(other, [masked], [torch.full_like(gradient, math.nan)], ~YES)
        take_step(other, [masked], [gradient], YES)
    assert torch.equal(plain, masked)
    torch.testing.assert_close(state_of(one), state_of(other), rtol=0, atol=0)


@pytest.mark.parametrize("kind", [kind for kind in OPTIMISERS if kind != "rmsprop-norm"])  # which is never shared
@pytest.mark.parametrize("unread", [False, True])
def test_networks_of_a_phase_that_share_an_optimiser_step_as_with_their_own(kind: str, unread: bool) -> None:
    plan, ends = plan_of(decoupled=True, simultaneous=False), []
    for shared in (False, True):
        networks = toy_networks(*plan.table.networks)
        makers = plan.stages[0].phases[1].networks
        optimisers = {name: OPTIMISERS[kind](network.parameters()) for name, network in networks.items()}
        if shared:
            together = [parameter for name in makers for parameter in networks[name].parameters()]
            optimisers |= dict.fromkeys(makers, OPTIMISERS[kind](together))
        executor, sound = Executor(plan, networks, optimisers), YES if unread else None
        for step in range(5):
            sound = executor.step(0, step, lambda _, step=step: toy_inputs(step), sound).sound
        ends.append(networks)
    assert all(same(ends[0][name], ends[1][name]) for name in ends[0])
