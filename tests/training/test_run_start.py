"""What a training starts from is in its run before its first step, and only one process trains in a run."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import ClassVar

import pytest
import torch
from training_toys import PowerCutError, assert_same_run, assert_same_tensors, cut_at, last, train_tiny

from edgan.api.training import Run, train
from edgan.config import configure
from edgan.errors import EdganError, UsageError
from edgan.methods import PAGES, Shape
from edgan.storage import checkpoint, durable
from edgan.storage.run_folder import RunFolder
from edgan.storage.run_lock import RunLock

SHORT = {"batch": 4, "steps": 3, "device": "cpu"}
HOLD = "import sys; from pathlib import Path; from edgan.storage.run_lock import RunLock\n" + (
    "with RunLock(Path(sys.argv[1])): print('held', flush=True); sys.stdin.read()"
)


@pytest.fixture(scope="module")
def gan(faces, tmp_path_factory) -> Run:
    out = tmp_path_factory.mktemp("gan") / "run"
    return train("dcgan", faces, out, size=32, preset="small", set={"network.width": 4, "latent.size": 6}, **SHORT)


def fill_disk_at(name: str, patch: pytest.MonkeyPatch) -> None:
    """From now on a file of this name cannot be written."""
    real = durable.write_file

    def write(path: Path, data: bytes) -> None:
        if path.name.endswith(name):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        real(path, data)

    patch.setattr(durable, "write_file", write)


@pytest.mark.parametrize("method", ["connection", "encoder"])
@pytest.mark.parametrize("file", ["networks.safetensors", "manifest.json", "run.json"])
def test_a_run_whose_beginning_could_not_be_written_still_starts_from_the_gan(method, file, gan, faces, tmp_path):
    width = {"hidden": 8} if method == "connection" else {"width": 4}
    call = {"set": {"gan": str(gan.path), **width}, **SHORT}
    with pytest.MonkeyPatch.context() as patch:
        fill_disk_at(file, patch)
        with pytest.raises(EdganError, match="No space left"):
            train(method, faces, tmp_path / "run", **call)
    said: list[str] = []
    train(method, faces, tmp_path / "run", resume=True, warn=said.append, **call)
    assert said == [f"There is no run in {tmp_path / 'run'} yet, so this starts one."]
    frozen, source = last(tmp_path / "run").tensors["networks"], last(gan.path).tensors["networks"]
    shared = [name for name in source if name in frozen]
    assert shared
    assert all(torch.equal(frozen[name], source[name]) for name in shared)


def test_a_run_has_its_first_checkpoint_before_it_is_a_run(faces, tmp_path, monkeypatch):
    seen: list[list[str]] = []
    real = RunFolder.write_run

    def write(folder: RunFolder, contents: dict) -> None:
        seen.append([path.name for path in checkpoint.list_checkpoints(folder.checkpoints)])
        real(folder, contents)

    monkeypatch.setattr(RunFolder, "write_run", write)
    train_tiny(faces, tmp_path / "run", 1)
    assert seen == [["step-00000000"]]


@pytest.mark.parametrize("removed", ["the folder", "its contents"])
def test_a_run_whose_checkpoints_are_gone_is_not_begun_again(removed, faces, tmp_path):
    train_tiny(faces, tmp_path / "run", 4)
    log = (tmp_path / "run" / "log.jsonl").read_bytes()
    shutil.rmtree(tmp_path / "run" / "checkpoints")
    if removed == "its contents":
        (tmp_path / "run" / "checkpoints").mkdir()
    with pytest.raises(EdganError, match=r"cannot be resumed: .*checkpoints holds no checkpoint.* step 4") as failed:
        train_tiny(faces, tmp_path / "run", 6, resume=True)
    assert failed.value.exit_status == 1
    assert (tmp_path / "run" / "log.jsonl").read_bytes() == log


def test_checkpoints_without_their_run_json_are_not_trained_over(faces, tmp_path):
    train_tiny(faces, tmp_path / "run", 4)
    (tmp_path / "run" / "run.json").unlink()
    before = last(tmp_path / "run")
    with pytest.raises(UsageError, match=r"holds checkpoints but no run\.json"):
        train_tiny(faces, tmp_path / "run", 4, resume=True)
    assert_same_tensors(last(tmp_path / "run"), before)


def test_a_second_training_in_a_run_is_refused_while_the_first_goes_on(faces, tmp_path):
    with pytest.raises(PowerCutError):
        train_tiny(faces, tmp_path / "run", 8, watch=cut_at(4))
    shutil.copytree(tmp_path / "run", tmp_path / "alone")
    with subprocess.Popen(
        [sys.executable, "-c", HOLD, str(tmp_path / "run")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == "held\n"
        before = (tmp_path / "run" / "log.jsonl").read_bytes()
        with pytest.raises(EdganError, match=rf"another process \(process {other.pid} on .*stop it"):
            train_tiny(faces, tmp_path / "run", 8, resume=True)
        assert (tmp_path / "run" / "log.jsonl").read_bytes() == before
        other.kill()
        other.wait()
    train_tiny(faces, tmp_path / "run", 8, resume=True)
    train_tiny(faces, tmp_path / "alone", 8, resume=True)
    assert_same_run(tmp_path / "run", tmp_path / "alone")


def test_of_two_new_trainings_in_one_folder_the_second_is_refused(faces, tmp_path):
    (tmp_path / "run").mkdir()
    with RunLock(tmp_path / "run"), pytest.raises(EdganError, match="another process"):
        train_tiny(faces, tmp_path / "run", 1)
    train_tiny(faces, tmp_path / "run", 1)


def test_a_file_system_without_locks_is_no_obstacle(faces, tmp_path, monkeypatch):
    def refuse(handle: int) -> None:
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr("edgan.storage.run_lock._lock", refuse)
    assert train_tiny(faces, tmp_path / "run", 1).configuration.steps == 1


class TestStages:
    """A training that would end before its last stage is refused before anything is written."""

    SETTINGS: ClassVar = {"network.width": 4, "latent.size": 6, "autoencoder.steps": 5}

    def train(self, faces: Path, out: Path, steps: int, **options) -> Run:
        return train("rfgan", faces, out, size=32, batch=4, steps=steps, device="cpu", set=self.SETTINGS, **options)

    @pytest.mark.parametrize("steps", [1, 5])
    def test_too_few_steps_are_refused_with_the_number_that_it_takes(self, steps, faces, tmp_path):
        told = rf"must be at least 6 \(got {steps}\): the last stage of rfgan, 'game', begins after 5"
        with pytest.raises(UsageError, match=told):
            self.train(faces, tmp_path / "run", steps)
        assert not (tmp_path / "run").exists()

    def test_that_number_is_enough(self, faces, tmp_path):
        self.train(faces, tmp_path / "run", 6)
        assert last(tmp_path / "run").step == 6

    def test_the_default_steps_are_refused_too(self, faces, tmp_path):
        settings = {**self.SETTINGS, "autoencoder.steps": 30_000}
        with pytest.raises(UsageError, match="steps must be at least 30001"):
            train("rfgan", faces, tmp_path / "run", size=32, batch=4, device="cpu", set=settings)


def test_every_preset_reaches_its_last_stage():
    reached = 0
    for name, page in PAGES.items():
        for preset in page.presets:
            if page.origin is None:
                configuration = configure(name, preset)
                shape = Shape(**{"size": configuration.size, "channels": 3, **page.example})
                assert configuration.build(shape).plan.least_steps <= configuration.steps, (name, preset)
                reached += 1
    assert reached > len(PAGES)
