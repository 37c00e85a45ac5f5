"""A script's folder, and calls of the command line on it."""

from __future__ import annotations

import contextlib
import io
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgan.cli import main

TINY = ("--size", "32", "--batch", "4", "--device", "cpu")
STEPS = {"cdnet": ("--steps", "2", "--set", "classifier_steps=1")}
"""For methods whose last stage begins later than at the first step."""


@dataclass(frozen=True)
class Said:
    """What a call wrote, and its exit status."""

    status: int
    out: str
    err: str

    @property
    def text(self) -> str:
        """Both streams."""
        return self.out + self.err


@dataclass(frozen=True)
class Case:
    """A script's folder, and what can be run on it."""

    dest: Path
    place: Path
    runs: Callable[[str], Path]

    def call(self, *words: str | Path) -> Said:
        """`edgan WORDS` in this process; it neither crashes nor calls itself defective."""
        said = call(*words)
        assert "defect of edgan" not in said.err, said.err
        assert "Traceback" not in said.err, said.err
        assert said.status in (0, 1, 2)
        return said

    def done(self, *words: str | Path) -> Said:
        """A call that must work."""
        said = self.call(*words)
        assert said.status == 0, said.err
        return said

    def check(self, path: Path | None = None) -> dict[str, Any]:
        """The report of `data check`, which must work; `said` is what stderr showed."""
        said = self.done("data", "check", path or self.dest, "--json")
        return {**json.loads(said.out), "said": said.err}

    def train(self, method: str, data: Path | None = None, *words: str | Path, out: str = "run") -> Said:
        """One step of a small training, without its report."""
        return self.call(*training(method, data or self.dest, self.place / out), *words)


def training(method: str, data: Path, out: Path) -> tuple[str | Path, ...]:
    """The words of the shortest training that ends with every network trained."""
    return ("train", method, "--data", data, "--out", out, *TINY, *STEPS.get(method, ("--steps", "1")))


def call(*words: str | Path) -> Said:
    """`edgan WORDS` in this process."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(word) for word in words])
        except SystemExit as end:
            return Said(int(end.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("main() came back without an exit status")
