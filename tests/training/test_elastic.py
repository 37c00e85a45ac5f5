"""torchrun's elastic launch: a process that fails, a job that goes on from its last checkpoint, and two nodes."""

from __future__ import annotations

import socket
import subprocess
import sys
from pathlib import Path

import failing_rank
from test_torchrun import BATCH, SETTINGS, TORCHRUN, assert_near, train_alone, words
from training_toys import last

STEPS, FAILS_AFTER = 9, 7
SCRIPT = Path(failing_rank.__file__)
EVERY_THREE = {**SETTINGS, "checkpoint_every": 3}


def test_a_failing_process_tells_its_error_and_the_restarted_job_goes_on_from_its_last_checkpoint(
    faces: Path, tmp_path: Path
) -> None:
    call = [*words(faces, tmp_path / "two", BATCH, STEPS, EVERY_THREE), "--precision", "float64", "--resume"]
    command = [*TORCHRUN, "--max-restarts=1", str(SCRIPT), str(FAILS_AFTER), *call]
    job = subprocess.run(command, capture_output=True, text=True, timeout=240)
    assert job.returncode == 0, job.stderr
    assert job.stderr.count(f"edgan: error: {failing_rank.MESSAGE}") == 1
    assert "failed (exitcode: 1) local_rank: 1" in job.stderr, "torchrun names the process that failed first"
    assert "There is no run in" in job.stderr, "the first life began the run"
    assert "steps 7 to 9 of 8 images" in job.stderr, job.stderr
    alone = train_alone(faces, tmp_path / "one", STEPS, EVERY_THREE, precision="float64")
    assert_near(alone, last(tmp_path / "two"), 1e-10)


def test_two_nodes_that_meet_by_c10d_train_what_one_process_trains(faces: Path, tmp_path: Path) -> None:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        port = held.getsockname()[1]
    torchrun = [sys.executable, "-m", "torch.distributed.run", "--nnodes=2", "--nproc-per-node=1"]
    torchrun += ["--rdzv-backend=c10d", f"--rdzv-endpoint=127.0.0.1:{port}"]
    call = [*words(faces, tmp_path / "two", BATCH, STEPS, EVERY_THREE), "--precision", "float64"]
    command = [*torchrun, "--local-addr=127.0.0.1", str(SCRIPT), "-1", *call]
    nodes = [subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    heard = [node.communicate(timeout=240) for node in nodes]
    assert [node.returncode for node in nodes] == [0, 0], heard
    assert sorted(len(said.splitlines()) for said, _ in heard) == [0, 1], "one process speaks"
    alone = train_alone(faces, tmp_path / "one", STEPS, EVERY_THREE, precision="float64")
    assert_near(alone, last(tmp_path / "two"), 1e-10)
