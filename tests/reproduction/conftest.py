"""The fake row in the place of row 1.1."""

from __future__ import annotations

import pytest
from ledger_toys import ID, row

from reproduction import rows


@pytest.fixture
def fake_row(monkeypatch: pytest.MonkeyPatch) -> None:
    """Row 1.1 adds numbers instead of training."""
    monkeypatch.setitem(rows.ROWS, ID, row())
