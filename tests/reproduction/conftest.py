"""The fake row, and small data sets in the layouts that rows read."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from edgan.synthetic import write_folder
from reproduction import rows
from tests.reproduction.fake_row import ID, fake_row


@pytest.fixture
def fake_row_1_1(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 1.1 adds numbers instead of training."""
    monkeypatch.setitem(rows.ROWS, ID, fake_row())


@pytest.fixture(scope="session")
def rendered(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """`rendered(name, kind, count)`: a folder DATA with DATA/name full of rendered images of 32 px."""

    def render(name: str, kind: str, count: int) -> Path:
        data = tmp_path_factory.mktemp("sets")
        write_folder(kind, data / name, count, 32, 0)
        return data

    return render
