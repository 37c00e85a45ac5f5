"""Paper 1's decoupling as a function from method to method: it makes the // twin of every coupled method."""

from __future__ import annotations

from dataclasses import replace

from torch import Tensor

from edgan.methods.base import Method
from edgan.routing import Phase, Row, Stage, Table, Tap


def add(base: Tensor, residual: Tensor) -> Tensor:
    """output = base + residual, not clipped (Paper 1, Section 2.2)."""
    return base + residual


def decoupled(method: Method) -> Method:
    """The // twin of a coupled method.

    The network that draws the base (a decoder or a whole U-Net) is cloned as a generator with the same inputs, which
    draws a residual. The output is base + residual. The adversarial terms no longer teach the encoder-decoder; they
    teach the generator, with weight 1, since nothing is left to balance. Everything else stays.
    Source: Paper 1, Sections 2.1-2.3 and 4.2; Fig. 9 for the U-Net, Fig. 12 for labels after z.

    Args:
        method: one whose "base" tap comes from a network and whose "output" is that base.

    Raises:
        ValueError: no network draws the base, there is no output, there is a generator or a residual already, or the
            base has no loss but the adversarial one.
    """
    plan = method.plan
    if "generator" in plan.table.networks:
        raise ValueError(f"{method.name} has a generator already")
    base = plan.tap.get("base")
    if base is None or base.network is None:
        raise ValueError(f"{method.name} has no tap 'base' that a network draws")
    if "output" not in plan.tap:
        raise ValueError(f"{method.name} has no tap 'output' to which a residual could be added")
    if not any(term.name in method.adversarial for term in plan.table.terms):
        raise ValueError(f"{method.name} has no adversarial loss that a generator could learn from")
    if "residual" in plan.tap:
        raise ValueError(f"{method.name} has a residual already")
    drawer = base.network
    if all(term.name in method.adversarial for term, _ in plan.table.column(drawer)):
        raise ValueError(f"nothing but the adversarial loss teaches the {drawer} of {method.name}: it has no base")
    residual = Tap("residual", base.inputs, network="generator")
    taps: list[Tap] = []
    for tap in plan.taps:
        if tap.name == "output":
            taps += [residual, Tap("output", ("base", "residual"), function=add)]
        elif tap.network == drawer and tap is not base:
            taps += _as_sum(tap)
        else:
            taps.append(tap)
    return replace(
        method,
        name=f"{method.name}//",
        plan=replace(
            plan,
            table=_decoupled_table(plan.table, drawer, method.adversarial),
            taps=tuple(taps),
            stages=tuple(_with_generator(stage, drawer) for stage in plan.stages),
        ),
        networks={**method.networks, "generator": method.networks[drawer]},
    )


def _as_sum(tap: Tap) -> tuple[Tap, ...]:
    """Another image of the base's network, such as a sample of the prior, becomes a sum of base and residual too."""
    base_and_residual = (
        Tap(f"{tap.name}_base", tap.inputs, network=tap.network),
        Tap(f"{tap.name}_residual", tap.inputs, network="generator"),
    )
    return *base_and_residual, Tap(tap.name, tuple(term.name for term in base_and_residual), function=add)


def _decoupled_table(table: Table, drawer: str, adversarial: tuple[str, ...]) -> Table:
    after = table.networks.index(drawer) + 1
    networks = (*table.networks[:after], "generator", *table.networks[after:])
    rows = [Row(r.term, (("generator", 1.0),)) if r.term.name in adversarial else r for r in table.rows]
    return Table(networks, tuple(rows))


def _with_generator(stage: Stage, drawer: str) -> Stage:
    def extended(phase: Phase) -> Phase:
        return replace(phase, networks=(*phase.networks, "generator")) if drawer in phase.networks else phase

    return replace(stage, phases=tuple(extended(phase) for phase in stage.phases))
