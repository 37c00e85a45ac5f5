"""An interrupted training goes on bit for bit: whatever stopped it, whatever the method, also after a full disk."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import signal
import time
from pathlib import Path

import pytest
from training_toys import (
    BATCH,
    SIZE,
    TINY,
    PowerCutError,
    assert_same_run,
    assert_same_tensors,
    cut_at,
    last,
    train_tiny,
)

from edgan.errors import EdganError, UsageError
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.training.progress import Progress
from forked_edgan import Forked, edgan_command, saved_step
from systems import forks, posix_signals

STEPS = 14
CONFIGURATIONS = {
    "batch norm, lazy penalty, aae, averaged": {"set": {}},
    "vae, no average": {"set": {"latent.prior": "vae", "ema": 0.0}},
    "two optimisers": {"set": {"optimisers.discriminator.name": "rmsprop", "optimisers.generator.name": "sgd"}},
    "a learning rate that decays": {"set": {"optimiser.decay_at": "3,11", "optimiser.decay": 0.5}},
    "a warm-up": {"route": {"adversarial.generator": "linear(0,1,10)"}},
    "coupled": {"method": "ed-plus-gan"},
    "decoupled twin": {"method": "ed-plus-gan//"},
    "bfloat16": {"precision": "bfloat16"},
}


@pytest.fixture(scope="module")
def whole(faces, tmp_path_factory) -> Path:
    """The tiny model's training, never interrupted."""
    return train_tiny(faces, tmp_path_factory.mktemp("whole") / "run", STEPS).path


@pytest.mark.parametrize("name", CONFIGURATIONS)
def test_a_resumed_training_ends_as_the_uninterrupted_one(faces, tmp_path, name):
    options = CONFIGURATIONS[name]
    train_tiny(faces, tmp_path / "whole", STEPS, **options)
    for step in (2, 10):
        with pytest.raises(PowerCutError):
            train_tiny(faces, tmp_path / "cut", STEPS, resume=True, watch=cut_at(step), **options)
    train_tiny(faces, tmp_path / "cut", STEPS, resume=True, **options)
    assert_same_run(tmp_path / "cut", tmp_path / "whole")


def test_more_steps_may_be_asked_for(faces, whole, tmp_path):
    train_tiny(faces, tmp_path / "run", 6)
    train_tiny(faces, tmp_path / "run", STEPS, resume=True)
    assert_same_tensors(last(tmp_path / "run"), last(whole))


def test_the_clock_of_a_training_goes_on(faces, tmp_path):
    train_tiny(faces, tmp_path / "run", 3)
    folder = RunFolder(tmp_path / "run")
    folder.append_log(3, {"seconds": 1000.0})
    train_tiny(faces, tmp_path / "run", 5, resume=True)
    times = [line["seconds"] for line in folder.read_log() if line["step"] > 3 and "seconds" in line]
    assert min(times) > 1000.0
    assert folder.seconds() == times[-1]


def test_a_damaged_newest_checkpoint_is_told_and_the_one_before_is_used(faces, whole, tmp_path):
    with pytest.raises(PowerCutError):
        train_tiny(faces, tmp_path / "run", STEPS, watch=cut_at(10))
    weights = tmp_path / "run" / "checkpoints" / "step-00000009" / "networks.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1])
    said: list[str] = []
    train_tiny(faces, tmp_path / "run", STEPS, resume=True, warn=said.append)
    assert len(said) == 1
    assert "step-00000009" in said[0]
    assert "The previous one, step-00000006, is used" in said[0]
    assert_same_run(tmp_path / "run", whole)


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"set": {"optimiser.lr": 1e-3}}, "optimiser.lr was 0.0002 and would be 0.001"),
        ({"seed": 7}, "seed was 0 and would be 7"),
        ({"route": {"adversarial.decoder": 0.5}}, "adversarial.decoder was blank and would be 0.5"),
        ({"method": "ed-plus-gan"}, "started with the method ed-slash-gan"),
    ],
)
def test_a_resume_with_other_settings_is_refused_by_name(faces, whole, change, told):
    before = last(whole)
    with pytest.raises(UsageError, match=re.escape(told)):
        train_tiny(faces, whole, STEPS, resume=True, **change)
    assert_same_tensors(last(whole), before)


def test_a_resume_on_other_images_is_refused(faces, whole, tmp_path):
    fewer = shutil.copytree(faces, tmp_path / "fewer")
    next((fewer / "images").iterdir()).unlink()
    with pytest.raises(UsageError, match="data set"):
        train_tiny(fewer, whole, STEPS, resume=True)


def test_a_copied_data_set_and_a_moved_run_go_on(faces, whole, tmp_path):
    with pytest.raises(PowerCutError):
        train_tiny(faces, tmp_path / "before", STEPS, watch=cut_at(8))
    copied = shutil.copytree(faces, tmp_path / "copied")
    moved = (tmp_path / "before").rename(tmp_path / "moved")
    train_tiny(copied, moved, STEPS, resume=True)
    assert_same_run(moved, whole)


@pytest.fixture
def small_disk(disk):
    """A file system of 4 MB."""
    return disk("size=4m")


def fill_at(step: int, disk: Path, left: int):
    """A watcher that fills a disk after a step, but for so many bytes."""

    def watch(progress: Progress) -> None:
        if progress.step == step:
            (disk / "filler").write_bytes(bytes(shutil.disk_usage(disk).free - left))

    return watch


# 100 kB take the networks' file of the next checkpoint and not its optimisers' file; 0 refuse the first byte of it.
@pytest.mark.parametrize("left", [100_000, 0])
def test_a_disk_that_fills_up_while_training_loses_nothing_saved(faces, whole, small_disk, left):
    run = small_disk / "run"
    with pytest.raises(EdganError, match=r"could not be written.*No space left on device.*resume the run") as failed:
        train_tiny(faces, run, STEPS, watch=fill_at(7, small_disk, left))
    assert failed.value.exit_status == 1
    saved = checkpoint.list_checkpoints(run / "checkpoints")
    assert [path.name for path in saved] == ["step-00000003", "step-00000006"]
    for path in saved:
        checkpoint.load(path)
    (small_disk / "filler").unlink()
    train_tiny(faces, run, STEPS, resume=True)
    assert_same_run(run, whole)


def test_a_preview_that_finds_no_room_ends_the_training_with_a_sentence(faces, small_disk):
    rare = {"log_every": 1000, "evaluate_every": 1000, "checkpoint_every": 1000, "preview_every": 1}
    with pytest.raises(EdganError, match=r"step-00000002\.png could not be written: No space left on device"):
        train_tiny(faces, small_disk / "run", 4, set=rare, watch=fill_at(1, small_disk, 0))
    assert last(small_disk / "run").step == 0


def long_training(data: Path, out: Path) -> Forked:
    """`edgan train` with more steps than anybody waits for."""
    options = ["--preset", "small", "--size", str(SIZE), "--batch", str(BATCH), "--steps", "100000", "--device", "cpu"]
    settings = [word for name, value in TINY.items() for word in ("--set", f"{name}={value}")]
    words = ["train", "ed-slash-gan", "--data", str(data), "--out", str(out), *options, *settings]
    return Forked(out.parent, edgan_command, words)


@forks
@posix_signals
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_saves_and_says_how_to_go_on(faces, tmp_path, number):
    run = tmp_path / "my run"
    process = long_training(faces, run)
    while saved_step(run / "checkpoints") < 3:
        assert process.poll() is None, process.communicate()
        time.sleep(0.05)
    process.send_signal(number)
    said = process.communicate(timeout=60)[1]
    assert process.returncode == 1
    assert "Traceback" not in said
    assert "error" not in said  # the person asked for it, and nothing failed
    match = re.search(r"Stopped after step (\d+) of 100000; everything is saved. Resume with: edgan (.*)", said)
    assert match, said
    stopped = int(match[1])
    assert last(run).step == stopped
    printed = shlex.split(match[2])
    resumed = Forked(tmp_path, edgan_command, [*printed, "--steps", str(stopped + 2)])
    said = resumed.communicate()[1]
    assert resumed.returncode == 0, said
    train_tiny(faces, tmp_path / "whole", stopped + 2)
    assert_same_tensors(last(run), last(tmp_path / "whole"))
    lines = RunFolder(run).read_log()
    assert [line["step"] for line in lines if "losses" in line] == list(range(1, stopped + 3))


@posix_signals
def test_a_second_ctrl_c_stops_at_once_and_says_what_is_lost(faces, tmp_path):
    def stop_twice(progress: Progress) -> None:
        if progress.step == 5:
            os.kill(os.getpid(), signal.SIGINT)
            os.kill(os.getpid(), signal.SIGINT)

    told = (
        r"Stopped at once at step 5 of 14; what came after the checkpoint of step 3 is lost\. Resume with: edgan train"
    )
    with pytest.raises(KeyboardInterrupt, match=told):
        train_tiny(faces, tmp_path / "run", STEPS, watch=stop_twice)
    train_tiny(faces, tmp_path / "run", STEPS, resume=True)
    assert last(tmp_path / "run").step == STEPS


@posix_signals
def test_a_signal_at_the_last_step_is_no_interruption(faces, tmp_path):
    def at_the_end(progress: Progress) -> None:
        if progress.step == progress.steps:
            os.kill(os.getpid(), signal.SIGTERM)

    train_tiny(faces, tmp_path / "run", 2, watch=at_the_end)
    assert last(tmp_path / "run").step == 2


@posix_signals
def test_a_signal_right_after_the_best_checkpoint_keeps_it_the_best(faces, tmp_path):
    def stop(progress: Progress) -> None:
        if progress.step == 3:
            os.kill(os.getpid(), signal.SIGTERM)

    with pytest.raises(EdganError, match="Stopped after step 3"):
        train_tiny(faces, tmp_path / "run", STEPS, watch=stop, set={"evaluate_every": 3})
    best = checkpoint.best(tmp_path / "run" / "checkpoints")
    assert best is not None
    assert best.name == "step-00000003"
