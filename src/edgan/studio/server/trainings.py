"""Trainings that the studio starts, each a process of its own: `edgan train`. They go on when the studio ends."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from edgan.errors import EdganError, UsageError
from edgan.storage.run_folder import RunFolder
from edgan.storage.run_lock import holder
from edgan.studio.server.run_list import StoredRun, owner_process

NICE = 5
"""A training leaves the processor to the person at the sliders."""
LAST_WORDS = 4000
_STOP = getattr(signal, "CTRL_BREAK_EVENT", signal.SIGTERM)
"""Asks a training to save and end. On Windows SIGTERM would end it at once."""
ENDING = 30.0
"""Seconds that a stopped training may take to end."""


@dataclass
class _Started:
    path: Path
    process: subprocess.Popen[bytes]
    errors: IO[bytes]


class Trainings:
    """The trainings that this server started."""

    def __init__(self) -> None:
        self._started: dict[Path, _Started] = {}
        self._lock = threading.Lock()

    def start(self, method: str, data: Path, out: Path, options: Sequence[str]) -> None:
        """Start a training.

        Args:
            method: its name.
            data: the folder or .zip to train on.
            out: the run's folder.
            options: more words of the command line.

        Raises:
            UsageError: it is being trained already.
        """
        with self._lock:
            self._refuse_running(out)
            errors = tempfile.TemporaryFile()  # noqa: SIM115 - it lives as long as the process
            command = [sys.executable, "-m", "edgan", "train", method, "--data", str(data), "--out", str(out)]
            process = subprocess.Popen(
                [*command, *options],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=errors,
                start_new_session=True,
                creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),  # Windows: so that it can be stopped
            )
            if hasattr(os, "setpriority"):
                with contextlib.suppress(OSError):  # the process may have ended already; `failures` says why
                    os.setpriority(os.PRIO_PROCESS, process.pid, NICE)
            self._started[out] = _Started(out, process, errors)

    def resume(self, run: StoredRun) -> None:
        """Continue a stopped run on its own data.

        Raises:
            UsageError: it is being trained, or ships with the package.
            EdganError: its data is not where it was.
        """
        if run.shipped:
            raise UsageError("The models that ship with edgan cannot be trained on. Start a training of your own.")
        started = self._started.get(run.path)
        if started is not None and holder(run.path) is None:
            with contextlib.suppress(subprocess.TimeoutExpired):  # a stopped training still writes its report
                started.process.wait(ENDING)
        self.start(run.method.name, run.data_folder, run.path, ["--resume"])

    def stop(self, path: Path) -> None:
        """Ask a training to save and end, whoever started it on this machine.

        Raises:
            EdganError: nothing trains here, or a process of another machine.
        """
        started = self._started.get(path)
        if started is not None and started.process.poll() is None:
            started.process.send_signal(_STOP)
            return
        owner = owner_process(path)
        if owner is None:
            raise EdganError("No process of this machine trains this run now.")
        try:
            os.kill(owner, _STOP)
        except OSError as error:  # on Windows, a process of another console
            raise EdganError(f"Process {owner} cannot be asked to stop: {error.strerror or error}.") from error

    def starting(self) -> list[dict[str, Any]]:
        """Trainings that have no run yet: those that are starting, and those that failed before they began."""
        cards = []
        for started in list(self._started.values()):
            if (started.path / "run.json").exists():
                continue
            failed = started.process.poll() is not None
            trouble = self.last_words(started.path) if failed else None
            cards.append({"name": started.path.name, "state": "failed" if failed else "starting", "trouble": trouble})
        return cards

    def last_words(self, path: Path) -> str | None:
        """Why a training that this server started ended with an error; None where it did not."""
        started = self._started.get(path)
        if started is None or started.process.poll() in (None, 0):
            return None
        started.errors.seek(0, os.SEEK_END)
        started.errors.seek(max(0, started.errors.tell() - LAST_WORDS))
        lines = started.errors.read().decode(errors="replace").strip().splitlines()
        last = lines[-1] if lines else f"the process ended with status {started.process.returncode}"
        if started.process.returncode == 1 and "error:" not in last:
            return None  # stopped on request
        for prefix in ("edgan: ", "usage error: ", "error: ", "--"):
            last = last.removeprefix(prefix)
        return last[:1].upper() + last[1:]

    def _refuse_running(self, out: Path) -> None:
        started = self._started.get(out)
        if started is not None and started.process.poll() is None:
            raise UsageError(f"{out.name} is being trained already.")


def options_of(values: Mapping[str, Any]) -> list[str]:
    """Options of the command line from values by name; None leaves one out."""
    given = {name: value for name, value in values.items() if value is not None}
    return [word for name, value in given.items() for word in (f"--{name}", str(value))]


def new_folder(runs: Path, name: str) -> Path:
    """The folder of a new run.

    Raises:
        UsageError: it holds a run or other files.
    """
    path = runs / name
    RunFolder(path).refuse_taken()
    return path
