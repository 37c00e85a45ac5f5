"""The command as a process of its own: what a shell, a pipe and Ctrl-C see."""

from __future__ import annotations

import json
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from calling import TINY

EDGAN = (sys.executable, "-m", "edgan")


def test_a_pipe_gets_json_alone_and_the_shell_a_status(tmp_path: Path) -> None:
    known = subprocess.run([*EDGAN, "methods", "--json"], capture_output=True, text=True, check=False)
    assert (known.returncode, known.stderr) == (0, "")
    assert json.loads(known.stdout)["methods"]
    wrong = subprocess.run([*EDGAN, "data", "check", tmp_path / "none"], capture_output=True, text=True, check=False)
    assert (wrong.returncode, wrong.stdout) == (1, "")
    assert wrong.stderr.startswith("edgan: error: There is nothing at")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows sends no SIGINT to another process")
def test_ctrl_c_saves_and_says_how_to_resume(faces: Path, tmp_path: Path) -> None:
    run = tmp_path / "run"
    words = ["train", "ed-slash-gan", "--data", str(faces), "--out", str(run), *TINY, "--steps", "100000"]
    process = subprocess.Popen([*EDGAN, *words, "--set", "log_every=1"], stderr=subprocess.PIPE, text=True)
    until = time.monotonic() + 120
    while not (run / "log.jsonl").exists() or not (run / "log.jsonl").read_text():
        assert process.poll() is None
        assert time.monotonic() < until
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    _, err = process.communicate(timeout=120)
    assert process.returncode == 1
    last = err.splitlines()[-1]
    assert last.startswith("edgan: Stopped after step")
    assert "everything is saved" in last
    assert last.endswith(f"edgan train ed-slash-gan --data {faces} --out {run} --resume")
    step = int(last.split("step ")[1].split(" ")[0])
    assert (run / "checkpoints" / f"step-{step:08d}").is_dir()
