"""Units shared among processes: each is done once, and neither an error nor the end of the time loses the others."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

from benchmarks.shared_units import OutOfTimeError, finish, stops_at
from edgan.errors import EdganError
from edgan.storage.run_lock import RunLock
from edgan.training.progress import Progress


@dataclass(frozen=True)
class Note:
    name: str
    folder: Path


def write(note: Note) -> None:
    """Module-level, for it goes to other processes."""
    if note.name == "broken":
        raise ValueError("it does not work")
    if note.name == "long":
        raise OutOfTimeError
    (note.folder / f"{note.name}.json").write_text(str(os.getpid()))


def notes(folder: Path, *names: str) -> list[Note]:
    return [Note(name, folder) for name in names]


def test_an_error_is_reported_and_the_others_are_done_once(tmp_path, capsys):
    units = notes(tmp_path, "a", "broken", "long", "b")
    fates = finish(units, write, folder=tmp_path, workers=1, until=time.time() + 60)
    assert fates["broken"] == "failed: ValueError: it does not work"
    assert "in write" in capsys.readouterr().err
    assert fates["long"] == "no time"
    assert fates["a"].startswith("done")
    again = finish(units, write, folder=tmp_path, workers=1, until=0)
    assert again == {"a": "kept", "broken": "no time", "long": "no time", "b": "kept"}


def test_other_processes_do_them(tmp_path):
    finish(notes(tmp_path, "a", "b"), write, folder=tmp_path, workers=2, until=time.time() + 60)
    done_by = {int(path.read_text()) for path in tmp_path.glob("*.json")}
    assert len(list(tmp_path.glob("*.json"))) == 2
    assert os.getpid() not in done_by


def test_a_second_call_in_the_same_folder_is_refused(tmp_path):
    with RunLock(tmp_path), pytest.raises(EdganError, match="by another process"):
        finish(notes(tmp_path, "a"), write, folder=tmp_path, workers=1, until=time.time() + 60)
    assert not (tmp_path / "a.json").exists()


def test_a_training_stops_when_the_time_is_over():
    stops_at(time.time() + 60)(Progress(1, 2, {}, 1.0))
    with pytest.raises(OutOfTimeError):
        stops_at(time.time() - 1)(Progress(1, 2, {}, 1.0))
