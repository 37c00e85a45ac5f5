"""A gated phase steps where the step's losses say so, and only there."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gan_plan import plan_of
from routing_toys import adam, clone, same, toy_inputs, toy_networks

from edgan.routing import Balance, Executor, Phase, Plan, Stage, StepCondition

D_SIDE, G_SIDE = Balance("discriminator"), Balance("generator")


def gated(simultaneous: bool, discriminator: StepCondition | None = None, makers: StepCondition | None = None) -> Plan:
    plan = plan_of(decoupled=False, simultaneous=simultaneous)
    phases = (
        Phase("discriminate", ("discriminator",), condition=discriminator),
        Phase("make", ("encoder", "decoder"), condition=makers),
    )
    return replace(plan, stages=(Stage("s", phases, simultaneous),))


def moved(plan: Plan) -> set[str]:
    networks = toy_networks(*plan.table.networks)
    before = clone(networks)
    Executor(plan, networks, adam(networks)).step(0, 0, lambda _: toy_inputs(0))
    return {name for name in networks if not same(networks[name], before[name])}


@pytest.mark.parametrize("simultaneous", [True, False], ids=["simultaneous", "alternating"])
def test_a_closed_gate_holds_its_phase_alone(simultaneous: bool) -> None:
    closed, opened = (StepCondition("g", ("critic",), lambda _, to=to: to) for to in (False, True))
    assert moved(gated(simultaneous, closed, opened)) == {"encoder", "decoder"}
    assert moved(gated(simultaneous, opened, closed)) == {"discriminator"}


def test_a_gate_reads_what_the_losses_came_to() -> None:
    seen: list[tuple[float, float]] = []
    gate = StepCondition("g", ("reconstruction", "critic"), lambda one, other: bool(seen.append((one, other))))
    plan = gated(True, gate)
    networks = toy_networks(*plan.table.networks)
    result = Executor(plan, networks, adam(networks)).step(0, 0, lambda _: toy_inputs(0))
    assert seen == [(result.losses["reconstruction"], result.losses["critic"])]


@pytest.mark.parametrize(
    ("real", "fake", "discriminator", "generator"),
    [
        (0.68, 0.68, True, True),
        (0.32, 0.68, False, True),
        (0.68, 0.32, False, True),
        (1.04, 0.68, True, False),
        (0.68, 1.04, True, False),
        (0.32, 1.04, True, True),
    ],
)
def test_who_is_ahead_waits_and_where_both_would_both_step(
    real: float, fake: float, discriminator: bool, generator: bool
) -> None:
    assert D_SIDE(real, fake) is discriminator
    assert G_SIDE(real, fake) is generator


def test_a_gate_on_a_term_that_comes_too_late_is_refused() -> None:
    """In an alternating stage the makers' reconstruction is not known when D steps; simultaneously it is."""
    gate = StepCondition("late", ("reconstruction",), lambda _: True)
    gated(True, gate)
    with pytest.raises(
        ValueError, match="the condition 'late' of phase 'discriminate' reads the term 'reconstruction'"
    ):
        gated(False, gate)


def test_a_gate_on_an_unknown_or_lazy_term_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'critik'.* Did you mean 'critic'"):
        gated(True, StepCondition("g", ("critik",), lambda _: True))
    plan = gated(True)
    rows = tuple(replace(r, term=replace(r.term, every=2)) for r in plan.table.rows)
    stage = gated(True, StepCondition("g", ("critic",), lambda _: True)).stages[0]
    with pytest.raises(ValueError, match="not computed at every step"):
        replace(plan, table=replace(plan.table, rows=rows), stages=(stage,))
