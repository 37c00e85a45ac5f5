"""Phases and stages: who steps when, and who sees what."""

from __future__ import annotations

from dataclasses import dataclass

from edgan.routing.condition import StepCondition


@dataclass(frozen=True)
class Phase:
    """Networks that step together.

    Attributes:
        name: what `explain` calls it.
        networks: who steps.
        every: only at each k-th step.
        repeat: so many times in a row (alternating stages only).
        fresh: each repetition after the first draws a batch of its own, and what follows in the step sees the last one
            drawn; otherwise all see the step's batch.
        terms: the rows that teach here (alternating stages only); None means every row of a network's column. With it a
            network can step in two phases and be taught by other losses in each.
        condition: steps only where this step's losses say so; None means always. Both compute the same.
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
    """A list of phases, run for so many steps before the next stage.

    Attributes:
        name: what `explain` calls it.
        phases: in the order they step.
        simultaneous: True: the phases share one forward, and every gradient is that of the weights before the step.
            False: alternating, each phase sees what the phases before it have changed.
        steps: how many; None means all that are left.
        frozen: how networks that no phase of the stage steps run their batch norms: on "running" or on "batch"
            statistics. Either way their running statistics stay as they are.
    """

    name: str
    phases: tuple[Phase, ...]
    simultaneous: bool
    steps: int | None = None
    frozen: str = "running"

    @property
    def networks(self) -> tuple[str, ...]:
        """Every network that steps in this stage."""
        return tuple(dict.fromkeys(network for phase in self.phases for network in phase.networks))
