"""`edgan` on the command line, where in the first life of the job the process of rank 1 fails after some steps.

torchrun ... failing_rank.py STEP train ...
"""

from __future__ import annotations

import os
import sys

import edgan.api.training
from edgan.cli import main
from edgan.errors import EdganError
from edgan.training.loop import Trainer

MESSAGE = "The scratch disk of rank 1 is full."


def fail_once(step: int) -> None:
    """Let the trainer of rank 1 fail before the step after this one, unless torchrun has restarted the job."""
    advance = Trainer.advance

    def failing(trainer: Trainer) -> object:
        if trainer.step == step and os.environ["RANK"] == "1" and os.environ["TORCHELASTIC_RESTART_COUNT"] == "0":
            raise EdganError(MESSAGE)
        return advance(trainer)

    Trainer.advance = failing  # type: ignore[method-assign, assignment]


if __name__ == "__main__":
    edgan.api.training.report_run = lambda *_: None  # drawing a report takes longer than all steps
    fail_once(int(sys.argv[1]))
    main(sys.argv[2:])
