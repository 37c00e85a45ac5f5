"""What a training reports while it runs."""

from __future__ import annotations

from dataclasses import dataclass


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
    """

    step: int
    steps: int
    losses: dict[str, float]
    rate: float
    held_out: dict[str, float] | None = None
    findings: tuple[str, ...] = ()
    best: str = ""
