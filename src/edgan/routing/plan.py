"""The plan: a table and its phases, compiled into the fewest passes that do not change the algorithm.

A pass is one forward and its backwards. Within a pass, networks with equal columns share one backward. Between passes
of one step, a tap is carried over when nothing that it depends on has been stepped since: the value is the same, so
alternating stays alternating.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from edgan.errors import near_miss
from edgan.routing.cut import Cut
from edgan.routing.schedule import Route
from edgan.routing.stage import Phase, Stage
from edgan.routing.table import Table
from edgan.routing.term import Tap, Term


@dataclass(frozen=True)
class Column:
    """One backward: the weighted terms, and the networks that they all teach alike."""

    networks: tuple[str, ...]
    cells: tuple[tuple[Term, Route], ...]


@dataclass(frozen=True)
class Pass:
    """One forward with its backwards and the steps that follow.

    Attributes:
        phases: the phases that share the forward.
        columns: one backward each.
        graph: the networks whose parameters build a graph here: those that step now, and those whose part of this
            forward a later pass takes over.
        carried: the taps taken over from earlier passes of the same step.
        computed: the taps computed here.
        fresh: the pass draws a batch of its own.
    """

    phases: tuple[str, ...]
    columns: tuple[Column, ...]
    graph: frozenset[str]
    carried: frozenset[str]
    computed: tuple[str, ...]
    fresh: bool

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms of all columns, each once."""
        return tuple(dict.fromkeys(term for column in self.columns for term, _ in column.cells))


@dataclass(frozen=True)
class Plan:
    """A table, the taps it reads, its cuts and its stages.

    Raises:
        ValueError: they do not fit together: a name that does not exist, or phases that cannot share a forward.
    """

    table: Table
    taps: tuple[Tap, ...]
    stages: tuple[Stage, ...]
    cuts: tuple[Cut, ...] = ()

    def __post_init__(self) -> None:
        known = {tap.name for tap in self.taps} | set(BATCH_FIELDS)
        if len(known) != len(self.taps) + len(BATCH_FIELDS):
            raise ValueError(f"two taps have one name, or a tap has a batch field's: {[t.name for t in self.taps]}")
        for term in self.table.terms:
            _check_known(f"term {term.name!r} reads the tap", term.taps, known)
        for tap in self.taps:
            _check_known(f"tap {tap.name!r} reads", tap.inputs, known)
            _check_known(f"tap {tap.name!r} comes from", [tap.network] if tap.network else [], self.table.networks)
        for cut in self.cuts:
            _check_known(f"cut {cut.name!r} gates", [cut.tap], known)
            consumers = known | {term.name for term in self.table.terms}
            _check_known(f"cut {cut.name!r} gates the way into", [cut.into] if cut.into else [], consumers)
        for stage in self.stages:
            _check_stage(self, stage)

    @cached_property
    def tap(self) -> Mapping[str, Tap]:
        """The taps by name."""
        return {tap.name: tap for tap in self.taps}

    def needed(self, names: Iterable[str]) -> tuple[str, ...]:
        """The taps that these taps are computed from, themselves included, inputs first."""
        seen: dict[str, None] = {}

        def visit(name: str) -> None:
            if name in self.tap and name not in seen:
                for source in self.tap[name].inputs:
                    visit(source)
                seen[name] = None

        for name in names:
            visit(name)
        return tuple(seen)

    def networks_behind(self, name: str) -> frozenset[str]:
        """The networks that a tap's value depends on."""
        taps = (self.tap[n] for n in self.needed([name]))
        return frozenset(tap.network for tap in taps if tap.network is not None)

    def stage_at(self, step: int) -> tuple[int, int]:
        """The stage of a step, counted from 0: (index of the stage, step within it)."""
        start = 0
        for index, stage in enumerate(self.stages[:-1]):
            assert stage.steps is not None
            if step < start + stage.steps:
                return index, step - start
            start += stage.steps
        return len(self.stages) - 1, step - start

    def passes(self, stage: int, step: int = 0) -> tuple[Pass, ...]:
        """The passes of a step of a stage; `step` counts within the stage and decides what is due."""
        phases = tuple(i for i, phase in enumerate(self.stages[stage].phases) if step % phase.every == 0)
        due = frozenset(term.name for term in self.table.terms if step % term.every == 0)
        return _compile(self, stage, phases, due)

    def inert(self, scale_free: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Cells (term, network) whose weight cannot matter.

        Args:
            scale_free: networks stepped by an optimiser that divides the gradient's scale away (Adam, RMSProp). There,
                the only nonzero cell of a column may be any positive constant without changing a step (up to the
                optimiser's epsilon). A schedule still matters: the optimiser's averages weigh early steps against late
                ones.
        """
        free = set(scale_free)
        columns = ((network, self.table.column(network)) for network in self.table.networks if network in free)
        only = ((network, cells[0]) for network, cells in columns if len(cells) == 1)
        return tuple((term.name, network) for network, (term, route) in only if isinstance(route, int | float))


BATCH_FIELDS = ("image", "source", "attributes", "label")


def _check_known(what: str, names: Iterable[str], known: Collection[str]) -> None:
    for name in names:
        if name not in known:
            raise ValueError(f"{what} {name!r}, which does not exist. {near_miss(name, known)}")


def _check_stage(plan: Plan, stage: Stage) -> None:
    names = {phase.name for phase in stage.phases}
    stepped = [network for phase in stage.phases for network in phase.networks]
    _check_known(f"stage {stage.name!r} steps", stepped, plan.table.networks)
    if stage.frozen not in ("running", "batch"):
        raise ValueError(f"stage {stage.name!r}: frozen is 'running' or 'batch', not {stage.frozen!r}")
    for phase in stage.phases:
        rows = [term.name for term in plan.table.terms]
        _check_known(f"phase {phase.name!r} is taught by the term", phase.terms or (), rows)
    if stage.steps is None and stage is not plan.stages[-1]:
        raise ValueError(f"stage {stage.name!r} never ends, but another follows")
    _check_gates(plan, stage)
    if not stage.simultaneous:
        return
    if len(set(stepped)) != len(stepped):
        raise ValueError(f"stage {stage.name!r} steps a network in two phases at once: {stepped}")
    if any(phase.terms is not None for phase in stage.phases):
        raise ValueError(f"stage {stage.name!r} is simultaneous, so none of its phases can have terms of its own")
    if any(phase.repeat > 1 for phase in stage.phases):
        raise ValueError(f"stage {stage.name!r} is simultaneous, so none of its phases can repeat")
    for cut in plan.cuts:
        if cut.phases is not None and names & set(cut.phases) not in (set(), names):
            raise ValueError(f"cut {cut.name!r} holds in some phases of {stage.name!r} only, but they share a forward")


def _check_gates(plan: Plan, stage: Stage) -> None:
    """A gate reads what every step of its stage computes, in the gated phase or before it."""
    for index, phase in enumerate(stage.phases):
        if phase.condition is None:
            continue
        before = stage.phases if stage.simultaneous else stage.phases[: index + 1]
        usual = [*(one for one in before if one.every == 1), *([phase] if phase.every > 1 else [])]
        known = {
            term.name
            for one in usual
            for network in one.networks
            for term, _ in plan.table.column(network)
            if term.every == 1 and (one.terms is None or term.name in one.terms)
        }
        for name in phase.condition.terms:
            if name not in known:
                raise ValueError(
                    f"the condition {phase.condition.name!r} of phase {phase.name!r} reads the term {name!r}, which is "
                    f"not computed at every step by then. {near_miss(name, known)}"
                )


@lru_cache(maxsize=256)
def _compile(plan: Plan, stage_index: int, phases: tuple[int, ...], due: frozenset[str]) -> tuple[Pass, ...]:
    stage = plan.stages[stage_index]
    active = [stage.phases[i] for i in phases]
    groups = [active] if stage.simultaneous and active else [[phase] for phase in active for _ in range(phase.repeat)]
    passes: list[Pass] = []
    previous: Phase | None = None
    for group in groups:
        fresh = group[0].fresh and group[0] is previous
        previous = group[0]
        networks = tuple(network for phase in group for network in phase.networks)
        terms = None if stage.simultaneous else group[0].terms
        columns = merge_columns(plan, networks, due if terms is None else due & set(terms))
        if columns:
            names = tuple(phase.name for phase in group)
            passes.append(Pass(names, columns, frozenset(networks), frozenset(), (), fresh))
    return _with_carried_taps(plan, passes)


def merge_columns(plan: Plan, networks: Iterable[str], due: frozenset[str] | None = None) -> tuple[Column, ...]:
    """The fewest backwards that give each of these networks the gradient of its own column.

    Networks share a backward when their columns are equal, or differ only in terms that cannot reach the one that
    lacks them: adding a term that has no path to a network changes nothing there.

    Args:
        plan: the routes, and which networks stand behind which term.
        networks: whose columns to merge.
        due: names of the terms that count; None means all.
    """
    groups: list[tuple[list[str], dict[Term, Route]]] = []
    for network in networks:
        cells = {term: route for term, route in plan.table.column(network) if due is None or term.name in due}
        if not cells:
            continue
        for members, shared in groups:
            union = {**shared, **cells}
            if all(_teaches(plan, union, member, due) for member in (*members, network)):
                members.append(network)
                shared.update(cells)
                break
        else:
            groups.append(([network], cells))
    order = plan.table.terms.index
    return tuple(
        Column(tuple(members), tuple(sorted(cells.items(), key=lambda cell: order(cell[0]))))
        for members, cells in groups
    )


def _teaches(plan: Plan, cells: Mapping[Term, Route], network: str, due: frozenset[str] | None) -> bool:
    """Whether a backward of these cells, the network's own among them, gives it exactly its own column."""
    own = {term: route for term, route in plan.table.column(network) if due is None or term.name in due}
    reaching = (term for term in cells if any(network in plan.networks_behind(tap) for tap in term.taps))
    return all(own.get(term) == cells[term] for term in reaching)


def _with_carried_taps(plan: Plan, passes: list[Pass]) -> tuple[Pass, ...]:
    """Decide which taps each pass takes over, and let the pass that computes them build the graph that is needed."""
    graphs = [set(p.graph) for p in passes]
    carried: list[frozenset[str]] = []
    computed: list[tuple[str, ...]] = []
    home: dict[str, int] = {}  # where a tap that is still valid was computed
    for index, one in enumerate(passes):
        if one.fresh:
            home = {}
        needed = plan.needed(name for term in one.terms for name in term.taps)
        reusable = {n for n in needed if n in home and _same_cuts(plan, passes[home[n]], one, n)}
        carried.append(frozenset(reusable))
        for name in reusable:
            graphs[home[name]] |= plan.networks_behind(name) & one.graph
        computed.append(tuple(name for name in needed if name not in reusable))
        # A tap computed anew, under other cuts, makes stale what was computed from its older value.
        home = {name: at for name, at in home.items() if not set(plan.needed([name])) & set(computed[-1])}
        home.update(dict.fromkeys(computed[-1], index))
        stepped = set(one.graph)
        home = {name: at for name, at in home.items() if not plan.networks_behind(name) & stepped}
    return tuple(
        Pass(p.phases, p.columns, frozenset(g), c, n, p.fresh)
        for p, g, c, n in zip(passes, graphs, carried, computed, strict=True)
    )


def _same_cuts(plan: Plan, one: Pass, other: Pass, name: str) -> bool:
    behind = set(plan.needed([name]))
    return all(
        cut.holds(one.phases) == cut.holds(other.phases) for cut in plan.cuts if cut.tap in behind or cut.into in behind
    )
