"""A small set of faces for trainings."""

from __future__ import annotations

from pathlib import Path

import pytest
from training_toys import train_tiny
from tuning_toys import BRIEF, CDNET, SHORT

from edgan.api.training import Run, train
from edgan.synthetic import write_folder


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 drawn faces of 32 x 32 pixels."""
    return write_folder("faces", tmp_path_factory.mktemp("data") / "faces", 40, 32)


@pytest.fixture(autouse=True)
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings here end without report.html and without directions to edit by, which take longer than their steps."""
    monkeypatch.setattr("edgan.api.training.report_run", lambda *_: None)
    monkeypatch.setattr("edgan.api.training._keep_directions", lambda *_: None)


@pytest.fixture(scope="session")
def others(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """30 other faces of 32 x 32 pixels, with patterns."""
    return write_folder("faces", tmp_path_factory.mktemp("others") / "faces", 30, 32, seed=9, patterned=True)


@pytest.fixture(scope="session")
def old(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run to start from: ED//GAN with a prior and averaged weights."""
    out = tmp_path_factory.mktemp("old") / "run"
    return train_tiny(faces, out, 4, report=False)


@pytest.fixture(scope="session")
def old_cdnet(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A run to start from: a CDNet of three attributes."""
    settings = {**CDNET, **BRIEF, "attributes": "Smiling,Male,Eyeglasses", "ema": 0.9}
    out = tmp_path_factory.mktemp("old_cdnet") / "run"
    return train("cdnet", faces, out, size=32, set=settings, report=False, **SHORT)
