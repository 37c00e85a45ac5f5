"""A phase with a condition steps if the step's losses allow it, and only then."""

from __future__ import annotations

from dataclasses import replace

import pytest
from gan_plan import plan_of
from routing_toys import adam, clone, same, toy_inputs, toy_networks

from edgan.routing import Balance, Executor, Phase, Plan, Stage, StepCondition

D_SIDE, G_SIDE = Balance("discriminator"), Balance("generator")


def conditional(
    simultaneous: bool, discriminator: StepCondition | None = None, makers: StepCondition | None = None
) -> Plan:
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
def test_a_condition_that_fails_holds_back_its_own_phase_alone(simultaneous: bool) -> None:
    never, always = (StepCondition("c", ("critic",), lambda _, answer=answer: answer) for answer in (False, True))
    assert moved(conditional(simultaneous, never, always)) == {"encoder", "decoder"}
    assert moved(conditional(simultaneous, always, never)) == {"discriminator"}


def test_a_condition_reads_the_losses_of_its_step() -> None:
    seen: list[tuple[float, ...]] = []
    condition = StepCondition("c", ("reconstruction", "critic"), lambda *losses: bool(seen.append(losses)))
    plan = conditional(True, condition)
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
def test_the_player_ahead_waits_and_if_both_would_wait_both_step(
    real: float, fake: float, discriminator: bool, generator: bool
) -> None:
    assert D_SIDE(real, fake) is discriminator
    assert G_SIDE(real, fake) is generator


def test_a_condition_on_a_term_that_comes_too_late_is_refused() -> None:
    """In an alternating stage the makers' reconstruction is not known when D steps; simultaneously it is."""
    late = StepCondition("late", ("reconstruction",), lambda _: True)
    conditional(True, late)
    with pytest.raises(
        ValueError, match="the condition 'late' of phase 'discriminate' reads the term 'reconstruction'"
    ):
        conditional(False, late)


def test_a_condition_on_an_unknown_or_lazy_term_is_refused() -> None:
    with pytest.raises(ValueError, match=r"'critik'.* Did you mean 'critic'"):
        conditional(True, StepCondition("c", ("critik",), lambda _: True))
    plan = conditional(True)
    rows = tuple(replace(r, term=replace(r.term, every=2)) for r in plan.table.rows)
    stage = conditional(True, StepCondition("c", ("critic",), lambda _: True)).stages[0]
    with pytest.raises(ValueError, match="not computed at every step"):
        replace(plan, table=replace(plan.table, rows=rows), stages=(stage,))
