"""What the routes share: roots, runs, models, photos, queues and long work."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Annotated, TypeVar

import torch
from fastapi import Depends, Query, Request

from edgan.studio.server.answers import TimeLimitError
from edgan.studio.server.jobs import Jobs
from edgan.studio.server.lanes import BusyError, Lane
from edgan.studio.server.photos import Photos
from edgan.studio.server.pictures import Picture, Read, read_picture
from edgan.studio.server.rankings import Rankings
from edgan.studio.server.roots import Roots
from edgan.studio.server.run_list import RunList, StoredRun
from edgan.studio.server.shelf import LoadedModel, Shelf
from edgan.studio.server.trainings import Trainings

Result = TypeVar("Result")
WAITING, LONG_WAITING, READERS = 64, 8, 2
DECODING_SECONDS = 10.0


class Studio:
    """The state of a server.

    Args:
        roots: the folders that it may read, and write runs to.
        device: where models compute.
        waiting: how many pictures may wait to be drawn.
        decoding_seconds: how long a photo may take to decode.
    """

    def __init__(
        self,
        roots: Roots,
        device: str = "auto",
        waiting: int = WAITING,
        decoding_seconds: float = DECODING_SECONDS,
    ) -> None:
        self.roots = roots
        self.runs = RunList(roots.runs)
        self.shelf = Shelf(device)
        self.photos = Photos()
        self.quick = Lane("draw", waiting, _share_the_processor)
        self.long = Lane("fit", LONG_WAITING, _share_the_processor)
        self.jobs = Jobs()
        self.trainings = Trainings()
        self.rankings = Rankings(roots)
        self._readers = ThreadPoolExecutor(READERS, thread_name_prefix="read")
        self._decoders = ThreadPoolExecutor(READERS, thread_name_prefix="decode")
        self._decoding, self._decoding_seconds = 0, decoding_seconds

    async def read(self, work: Callable[[], Result]) -> Result:
        """The result of reading files, off the event loop."""
        return await asyncio.get_running_loop().run_in_executor(self._readers, work)

    async def decode(self, work: Callable[[], Result]) -> Result:
        """The result of decoding a client's file, off the event loop and within the time limit.

        A thread cannot be stopped: it ends by itself, since the pixels of a file are bounded.

        Raises:
            TimeLimitError: it takes too long.
            BusyError: too many files are being decoded.
        """
        if self._decoding >= LONG_WAITING:
            raise BusyError()
        self._decoding += 1
        future = asyncio.get_running_loop().run_in_executor(self._decoders, work)
        future.add_done_callback(self._decoded)
        try:
            return await asyncio.wait_for(asyncio.shield(future), self._decoding_seconds)
        except TimeoutError:
            raise TimeLimitError(
                f"The file took more than {self._decoding_seconds:g} s to decode. Save it as PNG or JPEG and try again."
            ) from None

    def _decoded(self, future: asyncio.Future[Result]) -> None:
        self._decoding -= 1
        if not future.cancelled():
            future.exception()  # read, so that one that came after the time limit is not reported as forgotten

    async def draw(
        self, run: StoredRun, work: Callable[[LoadedModel], Result], stream: str | None = None, *, long: bool = False
    ) -> Result:
        """The result of work with a run's model, in its turn.

        Args:
            run: whose model.
            work: called with the model in the lane's thread.
            stream: as `Lane.run` takes it.
            long: whether it takes seconds, and so may not hold up sliders.
        """
        lane, name = (self.long, "long") if long else (self.quick, "quick")
        return await lane.run(lambda: work(self.shelf.model(run, name)), stream)

    def picture(self, picture: Picture, run: StoredRun, loaded: LoadedModel) -> Read:
        """The tensors of a picture that a client names; to be called within `draw`."""
        return read_picture(picture, run, loaded.model, self.shelf, self.photos)

    def close(self) -> None:
        """End the threads. Trainings go on."""
        self.quick.close()
        self.long.close()
        self.jobs.close()
        for pool in (self._readers, self._decoders):
            pool.shutdown(wait=False, cancel_futures=True)


def _share_the_processor() -> None:
    """Half of the cores for torch's operations in this thread: the browser and a training need the others.

    Where another process takes a core from them, torch's threads wait for each other a hundred times longer than a
    small picture takes to draw on one.
    """
    torch.set_num_threads(max(1, (os.cpu_count() or 1) // 2))


def studio_of(request: Request) -> Studio:
    """The state of the server that answers a request."""
    studio: Studio = request.app.state.studio
    return studio


Shared = Annotated[Studio, Depends(studio_of)]


async def run_of(run: str, studio: Shared) -> StoredRun:
    """The run that an address names."""
    return await studio.read(lambda: studio.runs.get(run))


Run = Annotated[StoredRun, Depends(run_of)]
Stream = Annotated[
    str | None,
    Query(
        max_length=80,
        description="a name for requests of which only the newest matters; one that still waits is answered with 409",
    ),
]
