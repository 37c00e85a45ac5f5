"""Folders are made whoever else makes them."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest

from edgan.storage.durable import make_folder


def test_another_process_may_make_the_folder_at_the_same_moment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make = os.mkdir

    def just_after_another(path: Path, *options: Any) -> None:
        make(path, *options)
        make(path, *options)

    monkeypatch.setattr(os, "mkdir", just_after_another)
    make_folder(tmp_path / "runs" / "first")
    assert (tmp_path / "runs" / "first").is_dir()


def test_a_file_in_the_way_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "runs").write_text("")
    with pytest.raises(FileExistsError):
        make_folder(tmp_path / "runs")
    with pytest.raises(OSError, match="runs"):
        make_folder(tmp_path / "runs" / "first")
