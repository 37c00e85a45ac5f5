"""Phases and stages: which networks step when, and on which weights."""

from __future__ import annotations

from dataclasses import dataclass

from edgan.routing.condition import StepCondition


@dataclass(frozen=True)
class Phase:
    """Networks that step together.

    Attributes:
        name: what `explain` calls it. Optimiser state belongs to this name and the network.
        networks: the networks that step.
        every: step at every k-th step only.
        repeat: how many times in a row (alternating stages only).
        fresh: each repetition after the first draws a new batch, and later phases of the step see the last batch drawn;
            otherwise all see the step's batch.
        terms: the rows that teach here (alternating stages only); None means every row of a network's column. With
            this a network can step in two phases, each with other losses and its own optimiser state.
        condition: step only if this step's losses allow it; None means always. The losses are computed either way.
    """

    name: str
    networks: tuple[str, ...]
    every: int = 1
    repeat: int = 1
    fresh: bool = False
    terms: tuple[str, ...] | None = None
    condition: StepCondition | None = None


@dataclass(frozen=True)
class Stage:
    """A list of phases, run for a number of steps before the next stage.

    Attributes:
        name: what `explain` calls it.
        phases: in the order they step.
        simultaneous: True: the phases share one forward, and every gradient is that of the weights before the step.
            False: alternating, each phase sees the weights that the phases before it have stepped.
        steps: how many; None means all that remain.
        frozen: whether networks that do not step in this stage run their batch norms on "running" or on "batch"
            statistics. Their running statistics do not change either way.
        begins_as: pairs of networks, of which the first takes over the second's weights before the stage's first step,
            by its method `start_from`.
    """

    name: str
    phases: tuple[Phase, ...]
    simultaneous: bool
    steps: int | None = None
    frozen: str = "running"
    begins_as: tuple[tuple[str, str], ...] = ()

    @property
    def networks(self) -> tuple[str, ...]:
        """Every network that steps in this stage."""
        return tuple(dict.fromkeys(network for phase in self.phases for network in phase.networks))
