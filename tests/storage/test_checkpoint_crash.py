"""Kills, full disks and refusals in the middle of a save lose nothing that was saved."""

from __future__ import annotations

import errno
import os
import random
import subprocess
import time
from pathlib import Path

import pytest
import torch

from edgan.errors import EdganError
from edgan.storage import durable
from edgan.storage.checkpoint import Snapshot, list_checkpoints, load, newest, save
from forked_edgan import forking, saved_step

CALLS = ("open", "write", "fsync", "mkdir", "replace")
KILLS = 15


def snapshot(step: int, numbers: int = 1000) -> Snapshot:
    """Every tensor and the state say the step: a snapshot that mixes two steps shows."""
    groups = ("networks", "ema", "optimisers")
    return Snapshot(step, {group: {"x": torch.full((numbers,), float(step))} for group in groups}, {"step": step})


def assert_whole(saved: Snapshot) -> None:
    assert saved.state == {"step": saved.step}
    for group in ("networks", "ema", "optimisers"):
        assert (saved.tensors[group]["x"] == saved.step).all()


class TroubledOs:
    """The `os` module as `durable` sees it; the k-th call that changes the disk goes wrong."""

    def __init__(self, at: int, trouble) -> None:
        self.at, self.trouble, self.calls = at, trouble, 0

    def __getattr__(self, name: str):
        real = getattr(os, name)
        if name not in CALLS:
            return real

        def call(*arguments):
            self.calls += 1
            if self.calls == self.at:
                if name == "write":  # as a disk that fills up: half of it still fits
                    real(arguments[0], arguments[1][: len(arguments[1]) // 2])
                self.trouble()
            return real(*arguments)

        return call


def disk_full() -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def calls_of_a_save(folder: Path, monkeypatch) -> int:
    """How many calls a save after `filled` makes: folders, five files, renames, and the pruning of step 2."""
    filled(folder)
    counting = TroubledOs(-1, None)
    with monkeypatch.context() as patch:
        patch.setattr(durable, "os", counting)
        save(folder, snapshot(4))
    assert [path.name for path in list_checkpoints(folder)] == ["step-00000001", "step-00000003", "step-00000004"]
    return counting.calls


def filled(folder: Path) -> None:
    save(folder, snapshot(1), best=True)
    save(folder, snapshot(2))
    save(folder, snapshot(3))


def refused(folder: Path, step: int, at: int, monkeypatch) -> str | None:
    """What a save says that meets a full disk at one call; None when it does not mind."""
    with monkeypatch.context() as patch:
        patch.setattr(durable, "os", TroubledOs(at, disk_full))
        try:
            save(folder, snapshot(step))
        except EdganError as error:
            return str(error)
    return None


def save_and_die(folder: Path, step: int, at: int) -> None:
    durable.os = TroubledOs(at, lambda: os._exit(9))
    save(folder, snapshot(step))


def save_for_ever(folder: Path, first: int) -> None:
    torch.set_num_threads(1)
    for step in range(first, first + 10_000):
        save(folder, snapshot(step, 1_000_000), best=step % 5 == 0)


def test_a_full_disk_at_any_call_loses_nothing(tmp_path, monkeypatch):
    calls = calls_of_a_save(tmp_path / "count", monkeypatch)
    unminded = []
    for at in range(1, calls + 1):
        folder = tmp_path / str(at)
        filled(folder)
        message = refused(folder, 4, at, monkeypatch)
        if message is None:
            unminded.append(at)
        else:
            assert "No space left on device" in message
            assert "Free space" in message
        names = {path.name for path in folder.iterdir()}
        assert names - {"step-00000004"} == {"step-00000001", "step-00000002", "step-00000003"}
        for path in list_checkpoints(folder):
            assert_whole(load(path))
        save(folder, snapshot(5))
        assert_whole(load(folder / "step-00000005"))
    assert unminded == [calls]  # the last call begins the pruning, when the new checkpoint is safe


def test_a_full_disk_while_a_step_is_replaced_leaves_that_step(tmp_path, monkeypatch):
    for at in range(1, calls_of_a_save(tmp_path / "count", monkeypatch) + 1):
        folder = tmp_path / str(at)
        filled(folder)
        assert refused(folder, 3, at, monkeypatch) is not None
        assert (folder / "step-00000003").is_dir()
        saved, _ = newest(folder)
        assert saved.step == 3
        assert_whole(saved)


@pytest.mark.parametrize("step", [3, 4])
def test_a_death_at_any_call_loses_nothing(tmp_path, monkeypatch, step):
    calls = calls_of_a_save(tmp_path / "count", monkeypatch)
    for at in range(1, calls + 1):
        folder = tmp_path / str(at)
        filled(folder)
        process = forking().Process(target=save_and_die, args=(folder, step, at))
        process.start()
        process.join()
        assert process.exitcode == 9
        saved, reports = newest(folder)
        assert reports == []
        assert saved.step in (3, step)
        assert_whole(saved)
        save(folder, snapshot(5))
        assert [path.name for path in folder.iterdir() if path.name.startswith(".")] == []


def test_a_kill_at_any_moment_loses_nothing(tmp_path):
    moments = random.Random(0)
    inside, first = 0, 1
    for _ in range(KILLS):
        process = forking().Process(target=save_for_ever, args=(tmp_path, first))
        process.start()
        while saved_step(tmp_path) < first:
            assert process.is_alive()
            time.sleep(0.002)
        time.sleep(moments.uniform(0, 0.2))
        process.kill()
        process.join()
        inside += any(path.name.startswith(".") for path in tmp_path.iterdir())
        saved, reports = newest(tmp_path)
        assert reports == []
        assert saved.step >= first
        assert_whole(saved)
        first = saved.step + 1
    print(f"{inside} of {KILLS} kills hit inside a save; {first - 1} steps were saved")
    assert inside >= 2


@pytest.fixture
def small_disk(disk):
    """A file system of 2 MB."""
    return disk("size=2m")


def test_a_disk_that_is_really_full_loses_nothing(small_disk):
    folder = small_disk / "checkpoints"
    numbers = 60_000  # three groups of 240 kB: two checkpoints fit on the disk, a third does not
    save(folder, snapshot(1, numbers))
    save(folder, snapshot(2, numbers))
    with pytest.raises(EdganError, match="No space left on device"):
        save(folder, snapshot(3, numbers))
    assert sorted(path.name for path in folder.iterdir()) == ["step-00000001", "step-00000002"]
    for path in list_checkpoints(folder):
        assert_whole(load(path))
    save(folder, snapshot(3, 1000))
    saved, _ = newest(folder)
    assert saved.step == 3


def test_a_read_only_disk_is_told_and_still_read(small_disk):
    save(small_disk / "checkpoints", snapshot(1))
    subprocess.run(["mount", "-o", "remount,ro", small_disk], check=True)
    with pytest.raises(EdganError, match=r"Read-only file system.*Allow this user to write"):
        save(small_disk / "checkpoints", snapshot(2))
    saved, _ = newest(small_disk / "checkpoints")
    assert_whole(saved)
