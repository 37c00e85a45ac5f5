"""Optimiser state belongs to a phase and a network."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
import torch
from gan_plan import plan_of
from routing_toys import clone, deviation, flat, same, toy_inputs, toy_networks
from torch import nn

from edgan.routing import Executor, Phase, Plan, Stage

STEPS = 4


def two_phases(first: str = "reconstruct", second: str = "deceive", stages: int = 1) -> Plan:
    """The decoder steps by the reconstruction in one phase and by the critic's verdict in another."""
    plan = plan_of(decoupled=False, simultaneous=False)
    judge = Phase("discriminate", ("discriminator",))
    phases = (
        Phase(first, ("decoder",), terms=("reconstruction",)),
        Phase(second, ("decoder",), terms=("adversarial",)),
    )
    if stages == 1:
        return replace(plan, stages=(Stage("all", (judge, *phases), False),))
    return replace(
        plan, stages=(Stage("first", (judge, phases[0]), False, 2), Stage("second", (judge, phases[1]), False))
    )


def adam(networks: dict[str, nn.Module], plan: Plan) -> dict[str, torch.optim.Optimizer]:
    return {
        name: torch.optim.Adam(networks[network].parameters(), 0.01)
        for (_, network), name in plan.optimiser_names.items()
    }


def trained(plan: Plan, shared: bool = False) -> dict[str, nn.Module]:
    """Networks after some steps over all stages; `shared`: the decoder has one Adam for everything."""
    networks = toy_networks(*plan.table.networks)
    optimisers = adam(networks, plan)
    if shared:
        one_for_all = torch.optim.Adam(networks["decoder"].parameters(), 0.01)
        optimisers |= {name: one_for_all for name in optimisers if name.endswith("decoder")}
    executor = Executor(plan, networks, optimisers)
    for step in range(STEPS):
        stage, within = plan.stage_at(step)
        executor.step(stage, within, lambda _, step=step: toy_inputs(step))
    return networks


def test_a_network_of_one_phase_has_an_optimiser_of_its_name_and_one_of_several_has_one_for_each() -> None:
    assert two_phases().optimiser_names == {
        ("discriminate", "discriminator"): "discriminator",
        ("reconstruct", "decoder"): "reconstruct.decoder",
        ("deceive", "decoder"): "deceive.decoder",
    }


def test_a_network_that_no_phase_steps_has_no_optimiser() -> None:
    assert "encoder" not in {network for _, network in two_phases().optimiser_names}


def test_momentum_does_not_cross_phases() -> None:
    """Each phase's step is that of an Adam which has seen this phase's gradients and no others."""
    plan = two_phases()
    networks = toy_networks(*plan.table.networks)
    executor = Executor(plan, networks, adam(networks, plan))
    seen: dict[str, list[tuple[list[torch.Tensor], torch.Tensor]]] = {"reconstruct": [], "deceive": []}
    for phase, gradients in seen.items():
        optimiser = executor.optimisers[f"{phase}.decoder"]
        before: list[torch.Tensor] = []

        def note(*_: object, before: list[torch.Tensor] = before) -> None:
            before[:] = [flat(networks["decoder"])]

        def keep(*_: object, before: list[torch.Tensor] = before, gradients: list[Any] = gradients) -> None:
            own = [p.grad.clone() for p in networks["decoder"].parameters() if p.grad is not None]
            gradients.append((own, flat(networks["decoder"]) - before[0]))

        optimiser.register_step_pre_hook(note)
        optimiser.register_step_post_hook(keep)
    for step in range(STEPS):
        executor.step(0, step, lambda _, step=step: toy_inputs(step))
    for steps in seen.values():
        assert len(steps) == STEPS
        weights = [torch.zeros_like(gradient, requires_grad=True) for gradient in steps[0][0]]
        alone = torch.optim.Adam(weights, 0.01)
        for gradients, displacement in steps:
            before_step = torch.cat([w.detach().clone().flatten() for w in weights])
            for weight, gradient in zip(weights, gradients, strict=True):
                weight.grad = gradient
            alone.step()
            moved = torch.cat([w.detach().flatten() for w in weights]) - before_step
            torch.testing.assert_close(displacement, moved, rtol=1e-6, atol=1e-12)


def test_one_state_over_two_phases_is_another_training() -> None:
    plan = two_phases()
    before = toy_networks(*plan.table.networks)
    ours, others = trained(plan), trained(plan, shared=True)
    assert deviation(ours, others, {**before, "encoder": ours["encoder"]}) > 0.01


def test_a_stage_with_another_phase_name_starts_with_an_empty_state() -> None:
    plan = two_phases(stages=2)
    assert plan.optimiser_names["deceive", "decoder"] == "deceive.decoder"
    networks = toy_networks(*plan.table.networks)
    optimisers = adam(networks, plan)
    executor = Executor(plan, networks, optimisers)
    for step in range(2):
        executor.step(0, step, lambda _, step=step: toy_inputs(step))
    assert optimisers["reconstruct.decoder"].state
    assert not optimisers["deceive.decoder"].state


def test_a_stage_with_the_same_phase_name_goes_on_with_its_state() -> None:
    plan = two_phases("make", "make", stages=2)
    assert plan.optimiser_names["make", "decoder"] == "decoder"
    ours, others = trained(plan), trained(two_phases("make", "make again", stages=2))
    first = clone(toy_networks(*plan.table.networks))
    assert not same(ours["decoder"], others["decoder"])
    assert not same(ours["decoder"], first["decoder"])


def test_a_term_that_is_alone_in_its_phase_is_inert() -> None:
    """With a state for each phase Adam divides the only weight of a phase away, whatever teaches in other phases."""
    plan = two_phases()
    table = plan.table.with_route("adversarial.decoder", 0.5)
    plan = replace(plan, table=table)
    both = ["reconstruct.decoder", "deceive.decoder"]
    assert plan.inert(both) == (("reconstruction", "decoder"), ("adversarial", "decoder"))
    assert plan.inert(both[1:]) == (("adversarial", "decoder"),)
    changed = replace(plan, table=table.with_route("adversarial.decoder", 5.0))
    torch.testing.assert_close(flat(trained(plan)["decoder"]), flat(trained(changed)["decoder"]), rtol=0, atol=1e-4)
    assert ("adversarial", "decoder") not in replace(
        plan, stages=(Stage("all", (Phase("make", ("decoder",)),), False),)
    ).inert(["decoder"])


def test_two_phases_of_one_name_in_a_stage_are_refused() -> None:
    with pytest.raises(ValueError, match=r"'all' have one name: \['discriminate', 'make', 'make'\]"):
        two_phases("make", "make")
