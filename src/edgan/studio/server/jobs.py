"""Work of minutes that a client asks after: the check of a folder, a ranking."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from edgan.errors import EdganError
from edgan.studio.server.lanes import BusyError

KEPT, WAITING = 40, 4
Progress = Callable[[int, int], None]


class UnknownJobError(EdganError):
    """There is no such job."""


@dataclass
class Job:
    """Work and how far it is.

    Attributes:
        id: its name in addresses.
        state: "waiting", "working", "done" or "failed".
        done, total: how far it is, in its own units; 0 and 0 before it is known.
        result: what it gave, as JSON.
        error: why it failed, a sentence.
    """

    id: str
    state: str = "waiting"
    done: int = 0
    total: int = 0
    result: Any = None
    error: str | None = None

    def as_dict(self) -> dict[str, Any]:
        """As JSON holds it."""
        return dict(vars(self))


class Jobs:
    """One job works at a time; the newest ones are kept."""

    def __init__(self) -> None:
        self._jobs: OrderedDict[str, Job] = OrderedDict()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="job")
        self._lock = threading.Lock()

    def start(self, work: Callable[[Progress], Any]) -> Job:
        """Start work, or let it wait.

        Args:
            work: called with a function that takes (done, total).

        Raises:
            BusyError: too many wait.
        """
        job = Job(secrets.token_urlsafe(8))
        with self._lock:
            if sum(other.state in ("waiting", "working") for other in self._jobs.values()) > WAITING:
                raise BusyError()
            self._jobs[job.id] = job
            while len(self._jobs) > KEPT:
                self._jobs.popitem(last=False)
        self._pool.submit(self._do, job, work)
        return job

    def get(self, job_id: str) -> Job:
        """A job that was started.

        Raises:
            UnknownJobError: there is none.
        """
        with self._lock:
            if job_id not in self._jobs:
                raise UnknownJobError("There is no such job, or it ended long ago.")
            return self._jobs[job_id]

    def close(self) -> None:
        """Drop what waits."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _do(self, job: Job, work: Callable[[Progress], Any]) -> None:
        def progress(done: int, total: int) -> None:
            job.done, job.total = done, total

        job.state = "working"
        try:
            job.result = work(progress)
        except EdganError as error:
            job.state, job.error = "failed", str(error)
        except Exception as error:
            job.state, job.error = "failed", f"{type(error).__name__}: {error}. This is a defect of edgan."
        else:
            job.state = "done"
