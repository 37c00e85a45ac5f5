"""What a training reports while it runs."""

from __future__ import annotations

from dataclasses import dataclass

from edgan.config import Configuration

MEASURED_STEPS = 50
"""Steps after which a training's speed is known well enough to say how long it takes."""


@dataclass(frozen=True)
class Pace:
    """How fast a training is: steps and seconds since this process started."""

    steps: int
    elapsed: float

    def rate(self, batch: int) -> float:
        """Images per second."""
        return self.steps * batch / self.elapsed

    def seconds(self, steps: int) -> float | None:
        """How long so many more steps take; None as long as too few were measured."""
        return steps * self.elapsed / self.steps if self.steps >= MEASURED_STEPS else None


@dataclass(frozen=True)
class Progress:
    """What a training reports after every step.

    Attributes:
        step, steps: done and in total.
        losses: the terms' values; on CUDA, those of the last step at which they were read.
        rate: images per second since this process started.
        held_out: held-out figures, at the steps that evaluate.
        findings: the health of the training in sentences, at the same steps.
        best: which evaluation is the best so far and by what, at the same steps: "best by KID (features) 0.0123, at
            step 500"; "" where none was judged.
        seconds_left: until the last step, at the mean speed since this process started; None before `MEASURED_STEPS`.
    """

    step: int
    steps: int
    losses: dict[str, float]
    rate: float
    held_out: dict[str, float] | None = None
    findings: tuple[str, ...] = ()
    best: str = ""
    seconds_left: float | None = None


def due(configuration: Configuration, step: int) -> dict[str, bool]:
    """What is due once so many steps are done: to log, to evaluate, to preview, to save a checkpoint.

    Args:
        configuration: how often, and the last step, at which everything is.
        step: how many are done.
    """
    last = step == configuration.steps
    every = {name: getattr(configuration, f"{name}_every") for name in ("log", "evaluate", "preview", "checkpoint")}
    return {name: last or step % steps == 0 for name, steps in every.items()}
