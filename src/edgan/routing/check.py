"""Whether a table, its taps, its cuts and its stages fit together."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from edgan.errors import near_miss
from edgan.routing.cut import Cut
from edgan.routing.stage import Stage
from edgan.routing.table import Table
from edgan.routing.term import BATCH_FIELDS, Tap


def check_plan(table: Table, taps: Sequence[Tap], stages: Sequence[Stage], cuts: Sequence[Cut]) -> None:
    """Check that every name exists and that the phases of each stage can run as stated.

    Raises:
        ValueError: says what is wrong and names the tap, term, cut, phase or stage.
    """
    known = {tap.name for tap in taps} | set(BATCH_FIELDS)
    if len(known) != len(taps) + len(BATCH_FIELDS):
        raise ValueError(f"two taps have one name, or a tap has a batch field's: {[tap.name for tap in taps]}")
    for term in table.terms:
        _check_known(f"term {term.name!r} reads the tap", term.taps, known)
    for tap in taps:
        _check_known(f"tap {tap.name!r} reads", tap.inputs, known)
        _check_known(f"tap {tap.name!r} comes from", [tap.network] if tap.network else [], table.networks)
    for cut in cuts:
        _check_known(f"cut {cut.name!r} scales the gradient into", [cut.tap], known)
        consumers = known | {term.name for term in table.terms}
        _check_known(f"cut {cut.name!r} scales the gradient from", [cut.into] if cut.into else [], consumers)
    for stage in stages:
        _check_stage(table, stage, is_last=stage is stages[-1])
        if stage.simultaneous:
            _check_simultaneous(stage, cuts)


def _check_known(what: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{what} {name!r}, which does not exist. {near_miss(name, known)}")


def _check_stage(table: Table, stage: Stage, is_last: bool) -> None:
    names = [phase.name for phase in stage.phases]
    if len(set(names)) != len(names):
        raise ValueError(f"two phases of stage {stage.name!r} have one name: {names}")
    _check_known(f"stage {stage.name!r} steps", [n for phase in stage.phases for n in phase.networks], table.networks)
    _check_known(f"stage {stage.name!r} begins with", [n for pair in stage.begins_as for n in pair], table.networks)
    if stage.frozen not in ("running", "batch"):
        raise ValueError(f"stage {stage.name!r}: frozen is 'running' or 'batch', not {stage.frozen!r}")
    for phase in stage.phases:
        rows = [term.name for term in table.terms]
        _check_known(f"phase {phase.name!r} is taught by the term", phase.terms or (), rows)
    if stage.steps is None and not is_last:
        raise ValueError(f"stage {stage.name!r} never ends, but another follows")
    _check_conditions(table, stage)


def _check_simultaneous(stage: Stage, cuts: Sequence[Cut]) -> None:
    names = {phase.name for phase in stage.phases}
    stepped = [network for phase in stage.phases for network in phase.networks]
    if len(set(stepped)) != len(stepped):
        raise ValueError(f"stage {stage.name!r} steps a network in two phases at once: {stepped}")
    if any(phase.terms is not None for phase in stage.phases):
        raise ValueError(f"stage {stage.name!r} is simultaneous, so none of its phases can have terms of its own")
    if any(phase.repeat > 1 for phase in stage.phases):
        raise ValueError(f"stage {stage.name!r} is simultaneous, so none of its phases can repeat")
    for cut in cuts:
        if cut.phases is not None and names & set(cut.phases) not in (set(), names):
            raise ValueError(f"cut {cut.name!r} holds in some phases of {stage.name!r} only, but they share a forward")


def _check_conditions(table: Table, stage: Stage) -> None:
    """A condition reads terms that every step of its stage computes, in the condition's phase or before it."""
    for index, phase in enumerate(stage.phases):
        if phase.condition is None:
            continue
        until = stage.phases if stage.simultaneous else stage.phases[: index + 1]
        computed = [*(earlier for earlier in until if earlier.every == 1), *([phase] if phase.every > 1 else [])]
        known = {
            term.name
            for earlier in computed
            for network in earlier.networks
            for term, _ in table.column(network)
            if term.every == 1 and (earlier.terms is None or term.name in earlier.terms)
        }
        for name in phase.condition.terms:
            if name not in known:
                raise ValueError(
                    f"the condition {phase.condition.name!r} of phase {phase.name!r} reads the term {name!r}, which is "
                    f"not computed at every step by then. {near_miss(name, known)}"
                )
