"""What the cases run on: the folder that a script makes, and runs of one step."""

from __future__ import annotations

import runpy
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from case_calls import Case, call, training
from PIL import Image


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
            said = call(*training(method, data, out))
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
