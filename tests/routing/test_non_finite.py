"""A loss that is NaN or infinite stops the pass before a weight changes, and is named."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
import torch
from gan_plan import plan_of
from routing_toys import adam, clone, same, toy_inputs, toy_networks
from torch import Tensor

from edgan.routing import Executor, NonFiniteLossError, Plan, Table


def with_broken(plan: Plan, name: str, value: float) -> Plan:
    def broken(*taps: Tensor) -> Tensor:
        return taps[0].flatten(1).mean(1) * value

    rows = [replace(r, term=replace(r.term, loss=broken)) if r.term.name == name else r for r in plan.table.rows]
    return replace(plan, table=Table(plan.table.networks, tuple(rows)))


@pytest.mark.parametrize("value", [math.nan, math.inf])
@pytest.mark.parametrize(("term", "stepped"), [("critic", set()), ("reconstruction", {"discriminator"})])
def test_it_stops_before_the_pass_changes_a_weight(term: str, stepped: set[str], value: float) -> None:
    plan = with_broken(plan_of(decoupled=True, simultaneous=False), term, value)
    networks = toy_networks(*plan.table.networks)
    before = clone(networks)
    with pytest.raises(NonFiniteLossError, match=f"'{term}'") as caught:
        Executor(plan, networks, adam(networks)).step(0, 0, lambda _: toy_inputs(0))
    assert caught.value.term == term
    assert not math.isfinite(caught.value.value)
    assert {name for name in networks if not same(networks[name], before[name])} == stepped


def test_a_simultaneous_step_changes_no_weight_at_all() -> None:
    plan = with_broken(plan_of(decoupled=True, simultaneous=True), "reconstruction", math.nan)
    networks = toy_networks(*plan.table.networks)
    before = clone(networks)
    with pytest.raises(NonFiniteLossError):
        Executor(plan, networks, adam(networks)).step(0, 0, lambda _: toy_inputs(0))
    assert all(same(networks[name], before[name]) for name in networks)


def test_another_processs_non_finite_loss_stops_this_one() -> None:
    """What counts is the loss after it was averaged over the processes."""
    plan = plan_of(decoupled=True, simultaneous=True)
    networks = toy_networks(*plan.table.networks)
    before = clone(networks)

    def as_if_another_had_nan(tensors: list[Tensor]) -> None:
        tensors[0].add_(torch.nan)

    executor = Executor(plan, networks, adam(networks), synchronise=as_if_another_had_nan)
    with pytest.raises(NonFiniteLossError):
        executor.step(0, 0, lambda _: toy_inputs(0))
    assert all(same(networks[name], before[name]) for name in networks)
