"""A disk that is full or may not be written to: a sentence, status 1, and nothing half there."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from calling import call, refused, train

Disk = Callable[[str], Path]


def test_a_full_disk_stops_a_training(faces: Path, disk: Disk) -> None:
    place = disk("size=64k")
    refused(train(faces, place / "run"), 1, str(place / "run"), "No space left on device", "Free space")
    left = [path for path in (place / "run").rglob("*") if path.name.startswith((".partial", "step-"))]
    assert left == []


def test_a_training_goes_on_after_space_was_made(faces: Path, disk: Disk) -> None:
    place = disk("size=700k")
    ballast = place / "ballast"
    ballast.write_bytes(bytes(600 * 1024))
    refused(train(faces, place / "run"), 1, "No space left on device")
    ballast.unlink()
    subprocess.run(["mount", "-o", "remount,size=20m", str(place)], check=True)
    assert train(faces, place / "run", "--resume").status == 0


def test_a_full_disk_stops_a_reconstruction(trained: Path, faces: Path, disk: Disk) -> None:
    place = disk("size=16k")
    refused(call("reconstruct", trained, faces, place / "out"), 1, "No space left on device", "Free space")
    assert [path for path in (place / "out").iterdir() if path.suffix != ".png" or path.stat().st_size == 0] == []


def test_a_full_disk_stops_a_rendering_and_leaves_nothing_of_it(disk: Disk) -> None:
    place = disk("size=16k")
    refused(call("data", "synth", "faces", place / "faces", "--count", "20", "--size", "32"), 1, str(place / "faces"))
    assert list(place.iterdir()) == []


def test_a_disk_that_may_not_be_written_to_refuses_a_training(faces: Path, disk: Disk) -> None:
    place = disk("ro")
    refused(train(faces, place / "run"), 1, str(place / "run"), "Read-only", "another folder")


def test_a_disk_that_may_not_be_written_to_refuses_a_reconstruction(trained: Path, faces: Path, disk: Disk) -> None:
    place = disk("ro")
    refused(call("reconstruct", trained, faces, place / "out"), 1, str(place / "out"), "Read-only")


def test_a_disk_that_may_not_be_written_to_refuses_samples_in_its_own_folder(
    trained: Path, faces: Path, disk: Disk
) -> None:
    place = disk("ro")
    refused(call("reconstruct", trained, faces, place), 1, str(place), "written")


def test_a_cache_that_may_not_be_written_to_is_done_without(
    faces: Path, trained: Path, disk: Disk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("EDGAN_CACHE", str(disk("ro") / "cache"))
    assert call("evaluate", trained, "--data", faces).status == 0


def test_a_folder_without_rights_refuses_a_training(
    faces: Path, tmp_path: Path, read_only: Callable[[Path], None]
) -> None:
    (tmp_path / "closed").mkdir()
    read_only(tmp_path / "closed")
    refused(train(faces, tmp_path / "closed" / "run"), 1, str(tmp_path / "closed"), "Permission denied")
