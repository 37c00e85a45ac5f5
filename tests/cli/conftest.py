"""Small sets and one trained run for the tests of the command line."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest
from calling import Draw, call, done, train
from PIL import Image


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 drawn faces of 32 x 32 pixels with attributes, as `edgan data synth` writes them."""
    folder = tmp_path_factory.mktemp("sets") / "faces"
    done(call("data", "synth", "faces", folder, "--size", "32", "--count", "12"))
    return folder


@pytest.fixture(scope="session")
def trained(tmp_path_factory: pytest.TempPathFactory, faces: Path) -> Path:
    """A finished run of three steps with checkpoints of steps 2 and 3. Tests that change it copy it."""
    out = tmp_path_factory.mktemp("runs") / "faces"
    done(train(faces, out, "--set", "checkpoint_every=1"))
    return out


@pytest.fixture(autouse=True)
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings within a test write no report, which takes longer than they do. `trained` has a report."""
    monkeypatch.setattr("edgan.api.training.report_run", lambda *_: None)


@pytest.fixture
def run_copy(trained: Path, tmp_path: Path) -> Path:
    """A copy of the finished run, to be damaged or resumed."""
    return Path(shutil.copytree(trained, tmp_path / "run"))


@pytest.fixture
def draw() -> Draw:
    """`draw(folder, count=6, size=20, channels=3)` writes 0.png, 1.png, ... of noise and returns the folder."""

    def write(folder: Path, count: int = 6, size: int = 20, channels: int = 3) -> Path:
        folder.mkdir(parents=True, exist_ok=True)
        noise = np.random.default_rng(0)
        for index in range(count):
            shape = (size, size, 3) if channels == 3 else (size, size)
            Image.fromarray(noise.integers(0, 256, shape, dtype=np.uint8)).save(folder / f"{index}.png")
        return folder

    return write
