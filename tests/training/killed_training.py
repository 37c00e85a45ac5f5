"""A process that trains in a child process, kills it at random moments, goes on, and says what it saw.

It forks its children before torch has made any thread, so a life costs no imports. The random moments are measured from
a life's birth, from its first step, or from the beginning of a save, each in a third of the lives: so kills hit the
start, the steps and the saves.
It prints {"kills", "inside", "barren", "runs", "said"}: how many kills there were, how many hit inside a save, how many
lives saved nothing, the runs' folders (a run that ends before its last kill is followed by another one), and what
the children had to say.
"""

from __future__ import annotations

import contextlib
import json
import os
import random
import signal
import time
import traceback
from pathlib import Path

from training_toys import train_tiny

import edgan.api.training
from edgan.storage.checkpoint import list_checkpoints
from edgan.training.progress import Progress

STEPS = 60
TAKEN_DOWN = -getattr(signal, "SIGKILL", 9)


def start_life(data: Path, out: Path, said: Path) -> tuple[int, int]:
    """Fork a child that goes on with the run: its process id, and a pipe that says something at its first step."""
    reading, writing = os.pipe()
    child = os.fork()
    if child:
        os.close(writing)
        return child, reading

    def watch(_: Progress) -> None:
        if not told:
            told.append(os.write(writing, b"."))

    status, told = 1, list[int]()
    try:
        with said.open("a") as file:
            train_tiny(data, out, STEPS, resume=True, watch=watch, warn=lambda line: print(line, file=file, flush=True))
        status = 0
    except BaseException:
        said.open("a").write(traceback.format_exc())
    finally:
        os._exit(status)


def live(data: Path, out: Path, said: Path, since: str, seconds: float) -> int:
    """Let a child train for so long since its birth, first step or next save, then kill it; its exit status, or -9."""
    before = left_aside(out)
    child, first_step = start_life(data, out, said)
    if since != "birth":
        os.read(first_step, 1)  # returns also when the child is gone
    os.close(first_step)
    end = None if since == "save" else time.monotonic() + seconds
    while end is None or time.monotonic() < end:
        done, status = os.waitpid(child, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if end is None and left_aside(out) - before:
            end = time.monotonic() + seconds
        time.sleep(0.001)
    os.kill(child, signal.SIGKILL)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def newest_step(out: Path) -> str:
    """The name of the newest checkpoint, "" where there is none."""
    return max((path.name for path in list_checkpoints(out / "checkpoints")), default="")


def left_aside(out: Path) -> set[int]:
    """The inodes of what a save has aside, or has left there."""
    folder = out / "checkpoints"
    inodes = set()
    for path in folder.glob(".*") if folder.exists() else ():
        with contextlib.suppress(FileNotFoundError):  # a save that is still under way tidies up meanwhile
            inodes.add(path.stat().st_ino)
    return inodes


def kill_and_go_on(data: str, folder: str, kills: str, seed: str) -> None:
    """The work of a forked process: print what `killed` returns."""
    edgan.api.training.report_run = lambda *_: None  # drawing a report takes longer than all steps
    print(json.dumps(killed(Path(data), Path(folder), int(kills), int(seed))))


def killed(data: Path, folder: Path, kills: int, seed: int) -> dict[str, object]:
    """Kill so many times, then let the last run end."""
    moments, said = random.Random(seed), folder / "said.txt"
    report = {"kills": 0, "inside": 0, "barren": 0}
    runs = [folder / "run-0"]
    longest = {"birth": 1.0, "step": 0.4, "save": 0.02}
    while True:
        run, left = runs[-1], kills - report["kills"]
        newest, aside = newest_step(run), left_aside(run)
        since = moments.choice(list(longest)) if left else "birth"
        status = live(data, run, said, since, moments.uniform(0.0, longest[since]) if left else 600.0)
        if status == 0 and left:
            runs.append(folder / f"run-{len(runs)}")
        if (status == 0 and not left) or status not in (0, TAKEN_DOWN):
            break
        if status == TAKEN_DOWN:
            report["kills"] += 1
            report["inside"] += bool(left_aside(run) - aside)
            report["barren"] += newest_step(run) == newest
            # Lives long enough for progress on a busy machine, and short enough for many in one run.
            longest["step"] *= 1.1 if newest_step(run) == newest else 0.9
    return {**report, "runs": [str(run) for run in runs], "said": said.read_text() if said.exists() else ""}
