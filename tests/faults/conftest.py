"""What the cases run on: the folder that a script makes, calls of the command line, and runs of a second each."""

from __future__ import annotations

import contextlib
import io
import json
import runpy
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from edgan.cli import main

TINY = ("--size", "32", "--batch", "4", "--steps", "1", "--device", "cpu")
WIDTHS = {
    "cdnet": ("network.width=4", "network.latent=8"),
    "dcgan": ("network.width=4",),
}


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
        return self.call("train", method, "--data", data or self.dest, "--out", self.place / out, *TINY, *words)


def call(*words: str | Path) -> Said:
    out, err = io.StringIO(), io.StringIO()
    with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
        try:
            main([str(word) for word in words])
        except SystemExit as end:
            return Said(int(end.code or 0), out.getvalue(), err.getvalue())
    raise AssertionError("main() came back without an exit status")


@pytest.fixture(autouse=True)
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """A report takes longer than a training of one step."""
    monkeypatch.setattr("edgan.api.training.report_run", lambda *_: None)


@pytest.fixture(scope="session")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    """`runs(METHOD)`: a run of one step on 12 images with two attributes, or pairs of them."""
    place = tmp_path_factory.mktemp("runs")
    for name, size in (("faces", (32, 32)), ("pairs", (64, 32))):
        (place / name / "train").mkdir(parents=True)
        for number in range(12):
            noise = np.random.default_rng(number).integers(0, 256, (size[1], size[0], 3), dtype=np.uint8)
            Image.fromarray(noise).save(place / name / "train" / f"{number}.png")
    rows = "".join(f"train/{number}.png,{number % 2},{number // 2 % 2}\n" for number in range(12))
    (place / "faces" / "metadata.csv").write_text("file_name,Smiling,Male\n" + rows)

    def run(method: str) -> Path:
        out = place / method.replace("/", "_")
        if not out.exists():
            data = place / ("pairs" if method == "pix2pix" else "faces")
            said = call("train", method, "--data", data, "--out", out, *TINY)
            assert said.status == 0, said.err
        return out

    return run


@pytest.fixture
def make(shared: Path, tmp_path: Path, runs: Callable[[str], Path]) -> Callable[..., Case]:
    """`make("name")` runs ../shared/cases/name.py; the test is skipped where that is not there."""

    def run(name: str, *words: str) -> Case:
        script, dest = shared / "cases" / f"{name}.py", tmp_path / "dest"
        if not script.exists():
            pytest.skip(f"needs {script.name} of ../shared/cases")
        before = sys.argv
        sys.argv = [str(script), str(dest), *words]
        try:
            runpy.run_path(str(script), run_name="__main__")
        finally:
            sys.argv = before
        return Case(dest, tmp_path, runs)

    return run
