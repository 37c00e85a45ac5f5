"""Verbs on the command line, one after the other, in one of several processes that share their work.

The verbs are in a JSON file, as lists of words. Beside it, K-R.txt gets what call K prints in the process of rank R,
and work-R.json how many discriminators it trained and how many images it measured. In the last call rank 1 fails.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections import Counter
from collections.abc import Callable
from importlib import import_module
from pathlib import Path

import edgan.api.folder_pipeline
import edgan.api.training
from edgan.cli import main
from edgan.errors import EdganError
from edgan.models.running_figures import RunningFigures

MESSAGE = "The scratch disk of rank 1 is full."
SMALL = {
    **{f"edgan.models.{place}.CHUNK": 8 for place in ("evaluation", "edit_figures")},
    **{f"edgan.metrics.{place}.CHUNK": 8 for place in ("additional", "distributions.features", "pairs.inversion")},
    "edgan.models.feature_figures.CHUNK": 2,
    "edgan.training.scoring.FEWEST": 2,
}
"""Constants that are lowered so that a few images are several chunks, and enough for KID to judge a training."""


def call(words: list[str], said: Path) -> None:
    """One command. A process that fails ends with its status."""
    with said.open("w") as file, contextlib.redirect_stdout(file):
        try:
            main(words)
        except SystemExit as end:
            if end.code:
                raise


def fail(*_: object, **__: object) -> None:
    """In place of reading pictures."""
    raise EdganError(MESSAGE)


def count(owner: object, name: str, counted: Counter[str], amount: Callable[..., int]) -> None:
    """From now on, calls of a function are counted under its name."""
    function = getattr(owner, name)

    def counting(*arguments: object, **options: object) -> object:
        counted[name] += amount(*arguments)
        return function(*arguments, **options)

    setattr(owner, name, counting)


def work_together(calls: str) -> None:
    """All calls of a file, in a process of its own."""
    edgan.api.training.report_run = lambda *_: None  # drawing a report takes longer than all steps
    for name, value in SMALL.items():
        module, _, constant = name.rpartition(".")
        assert hasattr(import_module(module), constant)
        setattr(import_module(module), constant, value)
    work = Counter[str]()
    count(import_module("edgan.metrics.nrds"), "_run", work, lambda *_: 1)
    count(RunningFigures, "add_pictures", work, lambda _self, _pictures, images: len(images))
    file, rank = Path(calls), os.environ["RANK"]
    *listed, last = json.loads(file.read_text())
    for place, words in enumerate(listed):
        call(words, file.parent / f"{place}-{rank}.txt")
    (file.parent / f"work-{rank}.json").write_text(json.dumps(work))
    if rank == "1":
        edgan.api.folder_pipeline.read_chunks = fail  # type: ignore[assignment]
    call(last, file.parent / f"last-{rank}.txt")
