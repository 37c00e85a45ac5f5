"""A weight that cannot matter is reported, not only one that the optimiser divides away."""

from __future__ import annotations

from edgan.losses import l1, l2
from edgan.routing import Linear, Phase, Plan, Stage, Table, Tap, Term, row
from edgan.routing.inspect import negligible

TAPS = (Tap("output", ("image",), network="net"),)


def plan(*phases: Phase, weight: object = 0.1) -> Plan:
    strong = Term("strong", l2, ("output", "image"), "")
    faint = Term("faint", l1, ("output", "image"), "")
    table = Table(("net",), (row(strong, net=1.0), row(faint, net=weight)))  # type: ignore[arg-type]
    return Plan(table, TAPS, (Stage("s", phases, simultaneous=False),))


def measured(faint: float) -> dict[tuple[str, str], float]:
    return {("strong", "net"): 5.0, ("faint", "net"): faint}


def test_a_term_whose_gradient_is_lost_beside_another_is_named() -> None:
    both = plan(Phase("p", ("net",)))
    assert negligible(both, measured(0.05)) == (("faint", "net"),)
    assert negligible(both, measured(0.5)) == ()


def test_a_term_that_has_a_phase_of_its_own_is_not_compared_with_another_phases() -> None:
    apart = plan(Phase("p", ("net",), terms=("strong",)), Phase("q", ("net",), terms=("faint",)))
    assert negligible(apart, measured(0.05)) == ()


def test_a_scheduled_weight_is_not_judged_by_its_start() -> None:
    assert negligible(plan(Phase("p", ("net",)), weight=Linear(0.0, 1.0, 100)), measured(0.0)) == ()
