"""Bounded queues with one worker thread each. A newer request of the same stream replaces the one that waits."""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, NamedTuple, TypeVar

Result = TypeVar("Result")


class BusyError(Exception):
    """The queue is full."""


class SupersededError(Exception):
    """A newer request of the same stream took the place of this one before it began."""


class _Job(NamedTuple):
    work: Callable[[], Any]
    future: asyncio.Future[Any]


class Lane:
    """A queue and its worker thread. All work of a model goes through one lane, so that nothing runs in it twice.

    Args:
        name: of the thread.
        waiting: how many jobs may wait; one more is refused.
        prepare: called once in the thread, before its first job.
    """

    def __init__(self, name: str, waiting: int, prepare: Callable[[], None] = lambda: None) -> None:
        self._waiting = waiting
        self._jobs: OrderedDict[object, _Job] = OrderedDict()
        self._pool = ThreadPoolExecutor(1, thread_name_prefix=name, initializer=prepare)
        self._worker: asyncio.Task[None] | None = None

    async def run(self, work: Callable[[], Result], stream: str | None = None) -> Result:
        """The result of `work`, which the worker thread computes in its turn.

        Args:
            work: called without arguments.
            stream: a name for requests of which only the newest matters: those of one slider. A request of the stream
                that still waits is dropped, and this one takes its place in the queue.

        Raises:
            BusyError: too many jobs wait.
            SupersededError: a newer request of the stream came first.
        """
        key: object = object() if stream is None else stream
        older = self._jobs.get(key)
        if older is not None:
            if not older.future.done():
                older.future.set_exception(SupersededError())
        elif len(self._jobs) >= self._waiting:
            raise BusyError()
        future: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        self._jobs[key] = _Job(work, future)
        if self._worker is None or self._worker.done():
            self._worker = asyncio.create_task(self._work_off())
        return await future

    def close(self) -> None:
        """Refuse what waits and end the thread after its current job."""
        for job in self._jobs.values():
            job.future.cancel()
        self._jobs.clear()
        self._pool.shutdown(wait=False, cancel_futures=True)

    async def _work_off(self) -> None:
        loop = asyncio.get_running_loop()
        while self._jobs:
            _, job = self._jobs.popitem(last=False)
            if job.future.done():  # its client has gone
                continue
            try:
                result = await loop.run_in_executor(self._pool, job.work)
            except Exception as error:
                if not job.future.done():
                    job.future.set_exception(error)
            else:
                if not job.future.done():
                    job.future.set_result(result)
