"""A small set of faces for trainings."""

from __future__ import annotations

from pathlib import Path

import pytest

from edgan.synthetic import write_folder


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """40 drawn faces of 32 x 32 pixels."""
    return write_folder("faces", tmp_path_factory.mktemp("data") / "faces", 40, 32)


@pytest.fixture(autouse=True)
def no_report(monkeypatch: pytest.MonkeyPatch) -> None:
    """Trainings here end without report.html: drawing one takes longer than all their steps."""
    monkeypatch.setattr("edgan.api.training.report_run", lambda *_: None)
