"""Cells that no loss can reach, cells whose weight cannot matter, and what each cell measures."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
import torch
from gan_plan import PENALTY, plan_of
from routing_toys import clone, dense, deviation, flat, same, toy_inputs, toy_networks
from torch import nn

from edgan.errors import UsageError
from edgan.routing import Cut, Executor, Linear, Phase, Plan, Route, Stage
from edgan.routing.inspect import check_reach, measure, meta_inputs, on_meta

Optimisers = Callable[[dict[str, nn.Module]], dict[str, torch.optim.Optimizer]]


def checked(plan: Plan) -> None:
    networks = toy_networks(*plan.table.networks)
    check_reach(plan, on_meta(networks), meta_inputs(toy_inputs(0).fields))


@pytest.mark.parametrize("simultaneous", [False, True])
@pytest.mark.parametrize("decoupled", [False, True])
def test_tables_whose_losses_arrive_pass(decoupled: bool, simultaneous: bool) -> None:
    checked(plan_of(decoupled, simultaneous))


@pytest.mark.parametrize(
    "cell", ["reconstruction.generator", "reconstruction.discriminator", "critic.generator", "penalty.encoder"]
)
@pytest.mark.parametrize("simultaneous", [False, True])
def test_a_cell_is_an_error_exactly_where_its_loss_has_no_path(cell: str, simultaneous: bool) -> None:
    """The critic's loss does reach the generator, through the fake image; the penalty's leaf is detached."""
    plan = plan_of(decoupled=True, simultaneous=simultaneous)
    changed = replace(plan, table=plan.table.with_route(cell, 0.5))
    if cell == "critic.generator":
        checked(changed)
        return
    with pytest.raises(UsageError, match=f"routes {cell}, but no gradient .*set the route {cell} to 0") as caught:
        checked(changed)
    assert caught.value.exit_status == 2


def test_every_unreached_cell_is_named() -> None:
    plan = plan_of(decoupled=True, simultaneous=True)
    table = plan.table.with_route("reconstruction.generator", 1).with_route("penalty.decoder", Linear(0, 1, 9))
    with pytest.raises(UsageError, match=r"penalty\.decoder and reconstruction\.generator"):
        checked(replace(plan, table=table))


def test_a_cell_behind_a_stopping_cut_is_unreached() -> None:
    plan = plan_of(decoupled=True, simultaneous=True)
    with pytest.raises(UsageError, match=r"routes adversarial\.generator"):
        checked(replace(plan, cuts=(Cut("stop", "output", into="d_fake"),)))


def test_a_cell_that_is_reached_in_one_of_its_networks_phases_is_reached() -> None:
    plan = plan_of(decoupled=True, simultaneous=False)
    phases = (*plan.stages[0].phases, Phase("again", ("generator",)))
    stages = (replace(plan.stages[0], phases=phases),)
    checked(replace(plan, stages=stages, cuts=(Cut("stop", "output", into="d_fake", phases=("again",)),)))


def test_a_cell_of_a_network_that_no_phase_steps_is_an_error() -> None:
    plan = plan_of(decoupled=True, simultaneous=False)
    stages = (Stage("s", (Phase("d", ("discriminator",)), Phase("ed", ("encoder", "decoder"))), False),)
    with pytest.raises(UsageError, match=r"routes adversarial\.generator, but no phase steps that network"):
        checked(replace(plan, stages=stages))


def adam(networks: dict[str, nn.Module]) -> dict[str, torch.optim.Optimizer]:
    return {name: torch.optim.Adam(n.parameters(), 0.01, eps=1e-16) for name, n in networks.items()}


def rmsprop(networks: dict[str, nn.Module]) -> dict[str, torch.optim.Optimizer]:
    return {name: torch.optim.RMSprop(n.parameters(), 0.01, eps=1e-16) for name, n in networks.items()}


def descent(networks: dict[str, nn.Module]) -> dict[str, torch.optim.Optimizer]:
    return {name: torch.optim.SGD(n.parameters(), 0.01) for name, n in networks.items()}


def trained(plan: Plan, optimisers: Optimisers) -> tuple[dict[str, nn.Module], dict[str, nn.Module]]:
    networks = toy_networks(*plan.table.networks)
    before = clone(networks)
    executor = Executor(plan, networks, optimisers(networks))
    for step in range(4):
        executor.step(0, step, lambda _, step=step: toy_inputs(step))
    return networks, before


def matters(plan: Plan, cell: str, route: Route, optimisers: Optimisers) -> bool:
    """Whether another route in a cell makes another training."""
    ours, before = trained(plan, optimisers)
    others, _ = trained(replace(plan, table=plan.table.with_route(cell, route)), optimisers)
    return deviation(others, ours, before) > 1e-6


def constant(plan: Plan) -> Plan:
    """The plan with a constant adversarial weight where it had a warm-up."""
    table = plan.table
    for network, route in plan.table.rows[1].cells:
        assert isinstance(route, Linear)
        table = table.with_route(f"adversarial.{network}", 0.3)
    return replace(plan, table=table)


@pytest.mark.parametrize("decoupled", [False, True], ids=["coupled", "decoupled"])
@pytest.mark.parametrize("optimisers", [adam, rmsprop, descent])
def test_cells_are_reported_inert_exactly_where_ten_times_the_weight_changes_nothing(
    decoupled: bool, optimisers: Optimisers
) -> None:
    plan = constant(plan_of(decoupled, simultaneous=False))
    free = () if optimisers is descent else plan.table.networks
    inert = {
        (r.term.name, network)
        for r in plan.table.rows
        for network, route in r.cells
        if isinstance(route, int | float) and not matters(plan, f"{r.term.name}.{network}", 10 * route, optimisers)
    }
    assert set(plan.inert(free)) == inert
    expected = {("reconstruction", "encoder"), ("reconstruction", "decoder"), ("adversarial", "generator")}
    assert inert == (expected if decoupled and free else set())


def test_only_the_networks_with_such_an_optimiser_have_inert_cells() -> None:
    plan = constant(plan_of(decoupled=True, simultaneous=False))
    assert plan.inert(["generator"]) == (("adversarial", "generator"),)


def test_a_schedule_is_not_inert() -> None:
    """Adam divides a constant away, but remembers small early gradients beside large late ones."""
    plan = plan_of(decoupled=True, simultaneous=False)
    assert ("adversarial", "generator") not in plan.inert(plan.table.networks)
    assert matters(plan, "adversarial.generator", 0.3, adam)


@pytest.mark.parametrize("simultaneous", [False, True])
@pytest.mark.parametrize("decoupled", [False, True], ids=["coupled", "decoupled"])
def test_a_measured_cell_is_zero_exactly_where_the_table_is_blank(decoupled: bool, simultaneous: bool) -> None:
    plan = plan_of(decoupled, simultaneous)
    norms = measure(plan, toy_networks(*plan.table.networks), lambda _: toy_inputs(0))
    assert set(norms) == {(r.term.name, n) for r in plan.table.rows for n in plan.table.networks}
    for r in plan.table.rows:
        for network in plan.table.networks:
            assert (norms[r.term.name, network] == 0.0) == (r.route(network) is None)


def test_a_column_that_is_blank_altogether_measures_zero() -> None:
    plan = plan_of(decoupled=True, simultaneous=False)
    blocked = replace(plan, table=plan.table.with_route("adversarial.generator", 0))
    norms = measure(blocked, toy_networks(*plan.table.networks), lambda _: toy_inputs(0))
    assert [norms[r.term.name, "generator"] for r in plan.table.rows] == [0.0] * 4


@pytest.mark.parametrize("simultaneous", [False, True])
def test_measured_cells_are_the_norms_of_hand_computed_gradients(simultaneous: bool) -> None:
    plan = plan_of(decoupled=True, simultaneous=simultaneous)
    n = toy_networks(*plan.table.networks)
    inputs = toy_inputs(0)
    image, unit = inputs.fields["image"], inputs.noise("", "uniform", ())

    def norm(loss: torch.Tensor, *names: str) -> float:
        parameters = [p for name in names for p in n[name].parameters()]
        gradients = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
        return float(torch.cat([g.flatten() for g in gradients if g is not None]).norm())

    base = n["decoder"](n["encoder"](image))
    output = base + n["generator"](n["encoder"](image))
    reconstruction = ((base - image) ** 2).mean()
    adversarial = -n["discriminator"](output).mean()
    point = (unit[:, None] * image + (1 - unit[:, None]) * output).detach().requires_grad_()
    slope = torch.autograd.grad(n["discriminator"](point).sum(), point, create_graph=True)[0]
    expected = {
        ("reconstruction", "encoder"): norm(reconstruction, "encoder"),
        ("reconstruction", "decoder"): norm(reconstruction, "decoder"),
        ("adversarial", "generator"): 0.1 * 0.25 * norm(adversarial, "generator"),
        ("critic", "discriminator"): norm(adversarial + n["discriminator"](image).mean(), "discriminator"),
        ("penalty", "discriminator"): PENALTY * norm(((slope.norm(dim=1) - 1) ** 2).mean(), "discriminator"),
    }
    measured = measure(plan, n, lambda _: inputs)
    assert {cell: value for cell, value in measured.items() if value} == pytest.approx(expected, rel=1e-10)


def test_measuring_leaves_no_trace() -> None:
    plan = plan_of(decoupled=True, simultaneous=False)
    networks = toy_networks(*plan.table.networks)
    networks["decoder"] = nn.Sequential(nn.BatchNorm1d(3), nn.Dropout(), dense(3, 6)).double()
    networks["decoder"].eval()
    for parameter in networks["encoder"].parameters():
        parameter.requires_grad_(False)
    before, state = clone(networks), torch.get_rng_state()
    measure(plan, networks, lambda _: toy_inputs(0))
    assert all(same(networks[name], before[name]) for name in networks)
    assert torch.equal(torch.get_rng_state(), state)
    assert not networks["decoder"][1].training  # type: ignore[index]
    assert not any(p.requires_grad for p in networks["encoder"].parameters())
    assert all(p.grad is None for network in networks.values() for p in network.parameters())
    assert torch.equal(flat(networks["generator"]), flat(before["generator"]))
