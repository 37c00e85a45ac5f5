"""Calls of the command line within the test's own process."""

from __future__ import annotations

import contextlib
import io
from collections.abc import Callable
from pathlib import Path
from typing import NamedTuple

from edgan.cli import main

Draw = Callable[..., Path]
"""The fixture `draw`."""

TINY = (
    *("--size", "32", "--batch", "4", "--steps", "3", "--device", "cpu"),
    *("--set", "network.width=4", "--set", "network.max_width=16", "--set", "latent.size=8"),
    *("--set", "discriminator.kind=paper", "--set", "discriminator.augment=never"),
    *("--set", "discriminator.width=4", "--set", "discriminator.max_width=16"),
)
"""A training of a second."""


class Said(NamedTuple):
    """The result of a call: its exit status and what it wrote."""

    status: int
    out: str
    err: str


def call(*words: str | Path, program: Callable[[list[str]], None] = main) -> Said:
    """`edgan WORDS`, within this process; or another command line of the project."""
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            program([str(word) for word in words])
        except SystemExit as end:
            return Said(int(end.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("main() came back without an exit status")


def train(data: Path, out: Path, *words: str | Path, method: str = "ed-slash-gan") -> Said:
    """`edgan train` with a tiny network for three steps."""
    return call("train", method, "--data", data, "--out", out, *TINY, *words)


def done(said: Said) -> Said:
    """The call, which must have worked."""
    assert said.status == 0, said.err
    return said


def refused(said: Said, status: int, *words: str) -> None:
    """The call ended with this status and one paragraph on stderr that holds these words, and no traceback."""
    assert said.status == status, said
    assert said.out == ""
    kind = {1: "edgan: error: ", 2: "edgan: usage error: "}[status]
    *notes, last = said.err.splitlines()
    assert last.startswith(kind)
    assert last.endswith((".", "?"))
    assert all(note.startswith("edgan: ") for note in notes)
    assert "Traceback" not in said.err
    assert "defect" not in last
    missing = [word for word in words if word not in last]
    assert not missing, last
