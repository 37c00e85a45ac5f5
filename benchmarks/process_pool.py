"""Runs commands as processes, a few at a time, within a time that they share; each has a limit and a log of its own."""

from __future__ import annotations

import contextlib
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

POLL, GRACE = 0.2, 5.0
"""Seconds between looks at the processes, and from SIGTERM to SIGKILL."""
LONGEST = 3.0
"""A process that takes more than this many times its estimate is ended."""


@dataclass(frozen=True)
class Task:
    """A command.

    Attributes:
        name: of its log, and for people.
        command: program and arguments.
        seconds: its estimate.
    """

    name: str
    command: Sequence[str]
    seconds: float


@dataclass
class _Running:
    task: Task
    process: subprocess.Popen[bytes]
    begun: float

    @property
    def taken(self) -> float:
        return time.monotonic() - self.begun


class Pool:
    """Starts tasks in their order and ends those that take too long.

    Args:
        workers: processes at a time.
        seconds: for all tasks together.
        logs: folder of NAME.log: what a task prints.
        environment: of the processes.
        say: called with a sentence when a task begins or ends.
    """

    def __init__(
        self,
        workers: int,
        seconds: float,
        logs: Path,
        environment: Mapping[str, str],
        say: Callable[[str], None] = print,
    ) -> None:
        self.workers, self.ends = workers, time.monotonic() + seconds
        self.logs, self.environment, self.say = logs, environment, say
        self._took, self._estimated = 0.0, 0.0

    def run(self, tasks: Sequence[Task]) -> dict[str, str]:
        """Run tasks, the first first. None is started whose estimate is longer than the time left.

        Estimates are scaled by the time that the finished tasks took over their estimates.

        Returns:
            What became of each, by name: "done", "failed", "too long", "out of time" or "not started".
        """
        self.logs.mkdir(parents=True, exist_ok=True)
        waiting, running, fates = list(tasks), list[_Running](), dict[str, str]()
        with contextlib.ExitStack() as files:
            try:
                while waiting or running:
                    while waiting and len(running) < self.workers:
                        if (started := self._start(waiting.pop(0), files, fates)) is not None:
                            running.append(started)
                    running = [one for one in running if not self._ended(one, fates)]
                    time.sleep(POLL if running else 0)
            finally:
                for one in running:
                    _end(one.process)
        return fates

    @property
    def _pace(self) -> float:
        return self._took / self._estimated if self._estimated else 1.0

    def _start(self, task: Task, files: contextlib.ExitStack, fates: dict[str, str]) -> _Running | None:
        left, needed = self.ends - time.monotonic(), task.seconds * self._pace
        if needed > left:
            fates[task.name] = "not started"
            self.say(f"{task.name}: not started, it takes about {needed:.0f} s and {max(left, 0):.0f} s are left")
            return None
        log: BinaryIO = files.enter_context((self.logs / f"{task.name}.log").open("wb"))
        self.say(f"{task.name}: started, about {needed:.0f} s; {left:.0f} s are left")
        process = subprocess.Popen(task.command, stdout=log, stderr=subprocess.STDOUT, env=dict(self.environment))
        return _Running(task, process, time.monotonic())

    def _ended(self, one: _Running, fates: dict[str, str]) -> bool:
        """Whether a task is over, by itself or because it took too long."""
        task, status = one.task, one.process.poll()
        if status is not None:
            fates[task.name] = "failed" if status else "done"
            if not status:
                self._took, self._estimated = self._took + one.taken, self._estimated + task.seconds
            self.say(f"{task.name}: {fates[task.name]} with exit status {status} after {one.taken:.0f} s")
            return True
        late = time.monotonic() > self.ends
        if late or one.taken > LONGEST * task.seconds * max(1.0, self._pace):
            fates[task.name] = "out of time" if late else "too long"
            _end(one.process)
            self.say(f"{task.name}: ended after {one.taken:.0f} s, {fates[task.name]}")
            return True
        return False


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(GRACE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def last_lines(log: Path, count: int) -> Iterator[str]:
    """The last lines of a log that are not empty."""
    lines = [line for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    yield from lines[-count:]
