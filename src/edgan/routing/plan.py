"""The plan: a table and its phases, compiled into the fewest passes that do not change the algorithm.

A pass is one forward and its backwards. Within a pass, networks with equal columns share one backward. Between passes
of one step, a tap is carried over if no network that it depends on has stepped since: the value is the same, so
alternating stays alternating.

Optimiser state belongs to a phase and a network (`Plan.optimiser_names`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property, lru_cache

from edgan.routing.check import check_plan
from edgan.routing.cut import Cut
from edgan.routing.schedule import Route
from edgan.routing.stage import Phase, Stage
from edgan.routing.table import Table
from edgan.routing.term import Tap, Term


@dataclass(frozen=True)
class Column:
    """One backward: the weighted terms and the networks that all of them teach."""

    networks: tuple[str, ...]
    cells: tuple[tuple[Term, Route], ...]


@dataclass(frozen=True)
class Pass:
    """One forward with its backwards and the steps that follow.

    Attributes:
        phases: the phases that share the forward.
        columns: one backward each.
        graph: the networks whose parameters require a gradient here: those that step now, and those that a later pass
            steps through taps carried over from this one.
        carried: the taps taken over from earlier passes of the same step.
        computed: the taps computed here.
        fresh: whether the pass draws a new batch.
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
    """A table, the taps that it reads, its cuts and its stages.

    Attributes:
        table, taps, stages, cuts: as their classes say.
        fixed_layers: layers of networks that step, "NETWORK.LAYER", whose weights stay as they are all the same.

    Raises:
        ValueError: they do not fit together: an unknown name, or phases that cannot share a forward.
    """

    table: Table
    taps: tuple[Tap, ...]
    stages: tuple[Stage, ...]
    cuts: tuple[Cut, ...] = ()
    fixed_layers: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        check_plan(self.table, self.taps, self.stages, self.cuts)

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

    def taught_by(self, term: Term, phases: tuple[str, ...]) -> frozenset[str]:
        """The networks that a term's gradient can reach in a pass over these phases, given the cuts and leaves."""
        taught: set[str] = set()
        seen: set[str] = set()

        def visit(name: str, consumer: str) -> None:
            cuts = (cut for cut in self.cuts if cut.tap == name and cut.into in (None, consumer) and cut.holds(phases))
            if name in seen or name not in self.tap or any(cut.scale == 0.0 for cut in cuts):
                return
            seen.add(name)
            tap = self.tap[name]
            if not tap.leaf:
                if tap.network is not None:
                    taught.add(tap.network)
                for source in tap.inputs:
                    visit(source, name)

        for name in term.taps:
            visit(name, term.name)
        return frozenset(taught).difference(term.unreached)

    def stage_at(self, step: int) -> tuple[int, int]:
        """The stage of a step, counted from 0: (index of the stage, step within it)."""
        start = 0
        for index, stage in enumerate(self.stages[:-1]):
            assert stage.steps is not None
            if step < start + stage.steps:
                return index, step - start
            start += stage.steps
        return len(self.stages) - 1, step - start

    @property
    def least_steps(self) -> int:
        """The fewest steps that a training needs for at least one step of its last stage."""
        return 1 + sum(stage.steps or 0 for stage in self.stages[:-1])

    @property
    def most_draws(self) -> int:
        """The most batches that a step of any stage draws."""
        return 1 + max(sum(each.fresh for each in self.passes(index)) for index in range(len(self.stages)))

    def steps_of_terms_that_read(self, field: str) -> int:
        """How many steps from the first one on belong to stages all of whose terms read a batch field themselves."""
        steps = 0
        for index, stage in enumerate(self.stages):
            terms = [term for each in self.passes(index) for term in each.terms]
            if stage.steps is None or not all(field in term.taps for term in terms):
                break
            steps += stage.steps
        return steps

    def passes(self, stage: int, step: int = 0) -> tuple[Pass, ...]:
        """The passes of a step of a stage; `step` counts within the stage and decides what is due."""
        phases = tuple(i for i, phase in enumerate(self.stages[stage].phases) if step % phase.every == 0)
        due = frozenset(term.name for term in self.table.terms if step % term.every == 0)
        return _compile(self, stage, phases, due)

    @cached_property
    def optimiser_names(self) -> Mapping[tuple[str, str], str]:
        """Which optimiser steps a network in a phase: (name of the phase, network) -> name of the optimiser.

        State belongs to a phase and a network, so that the momentum of one phase's losses never enters the step of
        another's. Phases of one name are one phase: a later stage that has it goes on with its state, and a stage that
        steps the network in a phase of another name starts with an empty one.

        A network that steps in one phase has an optimiser of its own name, a network that steps in several has
        "PHASE.NETWORK" for each of them. Checkpoints use these names.
        """
        phases = [phase for stage in self.stages for phase in stage.phases]
        steppers = dict.fromkeys((phase.name, network) for phase in phases for network in phase.networks)
        count = Counter(network for _, network in steppers)
        return {
            (phase, network): network if count[network] == 1 else f"{phase}.{network}" for phase, network in steppers
        }

    def inert(self, scale_free: Iterable[str]) -> tuple[tuple[str, str], ...]:
        """Cells (term, network) whose weight cannot matter.

        Args:
            scale_free: names of the optimisers (`optimiser_names`) that divide by the gradient's scale (Adam, RMSProp).
                A term that alone teaches a network in a phase with such an optimiser may have any positive constant
                weight without changing a step (up to the optimiser's epsilon). A schedule still matters: the optimiser
                averages over steps.
        """
        free, optimiser = set(scale_free), self.optimiser_names
        taught: dict[tuple[str, str], set[str]] = {stepper: set() for stepper in self.optimiser_names}
        for phase in (phase for stage in self.stages for phase in stage.phases):
            for network in phase.networks:
                terms = {term.name for term, _ in self.table.column(network)}
                taught[phase.name, network] |= terms if phase.terms is None else terms & set(phase.terms)

        def is_inert(term: str, network: str) -> bool:
            steppers = [at for at, terms in taught.items() if at[1] == network and term in terms]
            return bool(steppers) and all(len(taught[at]) == 1 and optimiser[at] in free for at in steppers)

        return tuple(
            (term.name, network)
            for network in self.table.networks
            for term, route in self.table.column(network)
            if isinstance(route, int | float) and is_inert(term.name, network)
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
        names = tuple(phase.name for phase in group)
        columns = merge_columns(plan, networks, names, due if terms is None else due & set(terms))
        if columns:
            passes.append(Pass(names, columns, frozenset(networks), frozenset(), (), fresh))
    return _with_carried_taps(plan, passes)


def merge_columns(
    plan: Plan, networks: Iterable[str], phases: tuple[str, ...], due: frozenset[str] | None = None
) -> tuple[Column, ...]:
    """The fewest backwards that give each of these networks the gradient of its own column.

    Networks share a backward if their columns are equal, or differ only in terms whose gradient does not reach the
    network that lacks them.

    Args:
        plan: the routes, and which networks a term's gradient reaches.
        networks: whose columns to merge.
        phases: of the pass: they decide which cuts hold.
        due: names of the terms that count; None means all.
    """
    groups: list[tuple[list[str], dict[Term, Route]]] = []
    for network in networks:
        cells = {term: route for term, route in plan.table.column(network) if due is None or term.name in due}
        if not cells:
            continue
        for members, shared in groups:
            union = {**shared, **cells}
            if all(_teaches(plan, union, member, phases, due) for member in (*members, network)):
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


def _teaches(
    plan: Plan, cells: Mapping[Term, Route], network: str, phases: tuple[str, ...], due: frozenset[str] | None
) -> bool:
    """Whether a backward of these cells, the network's own among them, gives it exactly its own column."""
    own = {term: route for term, route in plan.table.column(network) if due is None or term.name in due}
    reaching = (term for term in cells if network in plan.taught_by(term, phases))
    return all(own.get(term) == cells[term] for term in reaching)


def _with_carried_taps(plan: Plan, passes: list[Pass]) -> tuple[Pass, ...]:
    """Decide which taps each pass takes over, and extend the graph of the pass that computes them accordingly."""
    graphs = [set(p.graph) for p in passes]
    carried: list[frozenset[str]] = []
    computed: list[tuple[str, ...]] = []
    home: dict[str, int] = {}  # the pass that computed each tap that is still valid
    for index, current in enumerate(passes):
        if current.fresh:
            home = {}
        needed = plan.needed(name for term in current.terms for name in term.taps)
        reusable = {n for n in needed if n in home and _same_cuts(plan, passes[home[n]], current, n)}
        carried.append(frozenset(reusable))
        for name in reusable:
            graphs[home[name]] |= plan.networks_behind(name) & current.graph
        computed.append(tuple(name for name in needed if name not in reusable))
        # A tap computed again, under other cuts, makes stale what was computed from its older value.
        home = {name: at for name, at in home.items() if not set(plan.needed([name])) & set(computed[-1])}
        home.update(dict.fromkeys(computed[-1], index))
        stepped = set(current.graph)
        home = {name: at for name, at in home.items() if not plan.networks_behind(name) & stepped}
    return tuple(
        Pass(p.phases, p.columns, frozenset(g), c, n, p.fresh)
        for p, g, c, n in zip(passes, graphs, carried, computed, strict=True)
    )


def _same_cuts(plan: Plan, earlier: Pass, current: Pass, name: str) -> bool:
    """Whether the same cuts hold on the way to a tap in both passes."""
    behind = set(plan.needed([name]))
    cuts = (cut for cut in plan.cuts if cut.tap in behind or cut.into in behind)
    return all(cut.holds(earlier.phases) == cut.holds(current.phases) for cut in cuts)
