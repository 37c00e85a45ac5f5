"""torchrun's elastic launch: a process that fails, a job that goes on from its last checkpoint, and two nodes."""

from __future__ import annotations

import os
from pathlib import Path

from test_torchrun import BATCH, SETTINGS, assert_near, train_alone, words
from training_toys import last

from edgan.errors import EdganError
from edgan.training.loop import Trainer
from forked_edgan import Forked, free_port, torchrun_command
from systems import forks

STEPS, FAILS_AFTER = 9, 7
EVERY_THREE = {**SETTINGS, "checkpoint_every": 3}
MESSAGE = "The scratch disk of rank 1 is full."


def torchrun_that_fails_once(*words: str) -> None:
    """torchrun; in the first life of its job the trainer of rank 1 fails before the step after FAILS_AFTER."""
    advance = Trainer.advance

    def failing(trainer: Trainer) -> object:
        life = os.environ["TORCHELASTIC_RESTART_COUNT"]
        if trainer.step == FAILS_AFTER and os.environ["RANK"] == "1" and life == "0":
            raise EdganError(MESSAGE)
        return advance(trainer)

    Trainer.advance = failing  # type: ignore[method-assign, assignment]
    torchrun_command(*words)


@forks
def test_a_failing_process_tells_its_error_and_the_restarted_job_goes_on_from_its_last_checkpoint(
    faces: Path, tmp_path: Path
) -> None:
    call = [*words(faces, tmp_path / "two", BATCH, STEPS, EVERY_THREE), "--precision", "float64", "--resume"]
    options = ["--standalone", "--nproc-per-node=2", "--max-restarts=1"]
    job = Forked(tmp_path, torchrun_that_fails_once, [*options, "--", *call])
    told = job.communicate()[1]
    assert job.returncode == 0, told
    assert told.count(f"edgan: error: {MESSAGE}") == 1
    assert "failed (exitcode: 1) local_rank: 1" in told, "torchrun names the process that failed first"
    assert "There is no run in" in told, "the first life began the run"
    assert "steps 7 to 9 of 8 images" in told, told
    alone = train_alone(faces, tmp_path / "one", STEPS, EVERY_THREE, precision="float64")
    assert_near(alone, last(tmp_path / "two"), 1e-10)


@forks
def test_two_nodes_that_meet_by_c10d_train_what_one_process_trains(faces: Path, tmp_path: Path) -> None:
    options = ["--nnodes=2", "--nproc-per-node=1", "--rdzv-backend=c10d", f"--rdzv-endpoint=127.0.0.1:{free_port()}"]
    call = [*words(faces, tmp_path / "two", BATCH, STEPS, EVERY_THREE), "--precision", "float64"]
    nodes = [Forked(tmp_path, torchrun_command, [*options, "--local-addr=127.0.0.1", "--", *call]) for _ in range(2)]
    heard = [node.communicate() for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0], heard
    assert sorted(len(said.splitlines()) for said, _ in heard) == [0, 1], "one process speaks"
    alone = train_alone(faces, tmp_path / "one", STEPS, EVERY_THREE, precision="float64")
    assert_near(alone, last(tmp_path / "two"), 1e-10)
