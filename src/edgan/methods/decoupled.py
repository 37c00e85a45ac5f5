"""Paper 1's decoupling as a function from method to method: it makes the // twin of every coupled method."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import replace

import torch
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.methods.base import Method
from edgan.methods.generator_training import GeneratorTraining
from edgan.methods.twin_stages import stages_of_twin
from edgan.routing import Plan, Row, Table, Tap, Term


def add(base: Tensor, residual: Tensor) -> Tensor:
    """output = base + residual, not clipped (Paper 1, Section 2.2).

    The sum is in float32 or better: in bfloat16, rounding a sum near 1 to 1/128 would hide a faint residual.
    """
    dtype = torch.promote_types(base.dtype, torch.float32)
    return base.to(dtype) + residual.to(dtype)


def decoupled(
    method: Method,
    *,
    generator: Callable[[], nn.Module] | None = None,
    training: GeneratorTraining | None = None,
    feature_weight: float = 0.0,
    generator_steps: int = 1,
) -> Method:
    """The // twin of a coupled method.

    The network that draws the base (a decoder or a whole U-Net) is cloned as a generator with the same inputs, which
    draws a residual. The output is base + residual. Paper 1's recipe is that the reconstruction teaches the
    encoder-decoder alone and the adversarial loss the generator alone:

    - the adversarial terms no longer teach the encoder-decoder; they teach the generator, with weight 1, since nothing
      is left to balance;
    - any other loss of the output that teaches the encoder-decoder, such as one on D's features, reads the base in its
      place, so that the encoder-decoder never feels the generator;
    - a condition on D's losses, by which the generator's side of the game waits, holds for the generator alone.

    Everything else stays. Source: Paper 1, Sections 2.1-2.3 and 4.2; Fig. 9 for the U-Net, Fig. 12 for labels after z.

    Args:
        method: one whose "base" tap comes from a network and whose "output" is that base.
        generator: builds the generator; None: built as the network that draws the base.
        training: steps of the encoder-decoder alone, before the GAN (Section 2.3); None: together.
        feature_weight: of the method's feature loss, where it has one; it teaches the generator alone.
        generator_steps: steps of the generator for each step of D.

    Raises:
        ValueError: no network draws the base, there is no output, there is a generator or a residual already, or the
            base has no loss but the adversarial one.
        UsageError: the encoder-decoder cannot be trained first, or the generator cannot begin as the decoder.
    """
    plan, drawer, training = method.plan, drawer_of(method), training or GeneratorTraining()
    taps: list[Tap] = []
    for tap in plan.taps:
        if tap.name == "output":
            taps += [
                Tap("residual", plan.tap["base"].inputs, network="generator"),
                Tap("output", ("base", "residual"), function=add),
            ]
        elif tap.network == drawer and tap.name != "base":
            taps += _as_sum(tap)
        else:
            taps.append(tap)
    table, of_base = _routed(method, drawer, taps)
    if feature_weight and method.feature_loss is not None:
        table = _with_feature_loss(table, method.feature_loss.term, feature_weight, method.adversarial)
        taps += method.feature_loss.taps
    if training.generator_as_decoder and method.drawer is None:
        raise UsageError(
            f"must be false: the generator of {method.name}// cannot begin as its {drawer}.",
            parameter="generator_as_decoder",
        )
    judges = _judges(method)
    twin = Plan(table, (*taps, *of_base), (), plan.cuts)
    taught = [term for network in plan.networks_behind("base") for term, _ in table.column(network)]
    if training.ed_first and any(judges & twin.networks_behind(tap) for term in taught for tap in term.taps):
        raise UsageError(
            f"must be 0: the encoder-decoder of {method.name} learns from D's features, so D cannot start after it.",
            parameter="ed_first",
        )
    return replace(
        method,
        name=f"{method.name}//",
        plan=replace(twin, stages=stages_of_twin(plan, drawer, judges, training, generator_steps)),
        networks={**method.networks, "generator": generator or method.networks[drawer]},
        attributes_last=(*method.attributes_last, *(["generator"] if drawer in method.attributes_last else [])),
    )


def drawer_of(method: Method) -> str:
    """The network that draws the base of a method that can have a twin.

    Raises:
        ValueError: the method can have none.
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
    if all(term.name in method.adversarial for term, _ in plan.table.column(base.network)):
        raise ValueError(
            f"nothing but the adversarial loss teaches the {base.network} of {method.name}: it has no base"
        )
    return base.network


def _judges(method: Method) -> frozenset[str]:
    """The networks that judge the output: those behind the adversarial terms and not behind what they judge."""
    plan = method.plan
    terms = [term for term in plan.table.terms if term.name in method.adversarial]
    judging = frozenset(network for term in terms for tap in term.taps for network in plan.networks_behind(tap))
    return judging - plan.networks_behind("output")


def _as_sum(tap: Tap) -> tuple[Tap, ...]:
    """Another image of the base's network, such as a sample of the prior, becomes a sum of base and residual too."""
    base_and_residual = (
        Tap(f"{tap.name}_base", tap.inputs, network=tap.network),
        Tap(f"{tap.name}_residual", tap.inputs, network="generator"),
    )
    return *base_and_residual, Tap(tap.name, tuple(term.name for term in base_and_residual), function=add)


def _routed(method: Method, drawer: str, taps: Collection[Tap]) -> tuple[Table, list[Tap]]:
    """The twin's table, and the taps that its losses of the base read."""
    old = method.plan.table
    after = old.networks.index(drawer) + 1
    table = Table((*old.networks[:after], "generator", *old.networks[after:]))
    twin, ed = Plan(table, tuple(taps), ()), method.plan.networks_behind("base")
    bases = {tap.name: tap.inputs[0] for tap in taps if tap.function is add}
    rows: list[Row] = []
    of_base: dict[str, Tap] = {}
    for row in old.rows:
        others = tuple(cell for cell in row.cells if cell[0] not in ed)
        blocked = len(others) < len(row.cells)
        if row.term.name in method.adversarial:
            rows.append(Row(row.term, (("generator", 1.0),)))
        elif blocked and any("generator" in twin.networks_behind(tap) for tap in row.term.taps):
            renamed = {tap: _of_base(twin, tap, bases, of_base) for tap in row.term.taps}
            term = replace(
                row.term,
                name=f"{row.term.name}_base" if others else row.term.name,
                taps=tuple(renamed[tap] for tap in row.term.taps),
                label=row.term.label.replace("output", "base"),
            )
            rows += [Row(row.term, others)] if others else []
            rows.append(Row(term, tuple(cell for cell in row.cells if cell[0] in ed)))
        else:
            rows.append(row)
    return replace(table, rows=tuple(rows)), list(of_base.values())


def _with_feature_loss(table: Table, term: Term, weight: float, adversarial: Collection[str]) -> Table:
    """The twin's table with another loss in the generator's column, after the adversarial ones."""
    after = max(place for place, kept in enumerate(table.rows) if kept.term.name in adversarial) + 1
    rows = (*table.rows[:after], Row(term, (("generator", weight),)), *table.rows[after:])
    return replace(table, rows=rows)


def _of_base(twin: Plan, name: str, bases: dict[str, str], made: dict[str, Tap]) -> str:
    """The tap that is computed as this one, from the base in place of the output; it is added to `made`."""
    if name in bases:
        return bases[name]
    if name not in twin.tap or "generator" not in twin.networks_behind(name):
        return name
    tap = twin.tap[name]
    inputs = tuple(_of_base(twin, read, bases, made) for read in tap.inputs)
    made[name] = replace(tap, name=f"{name}_of_base", inputs=inputs)
    return made[name].name
