"""The queue that draws pictures: bounded, one at a time, and the newest request of a stream first."""

from __future__ import annotations

import asyncio
import threading

import pytest
from studio_server import in_own_loop

from edgan.studio.server.lanes import BusyError, Lane, SupersededError


def test_one_job_more_than_may_wait_is_refused() -> None:
    async def fill() -> None:
        lane, go = Lane("test", 2), threading.Event()
        first = asyncio.create_task(lane.run(go.wait))
        await asyncio.sleep(0.05)
        waiting = [asyncio.create_task(lane.run(lambda: None)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(BusyError):
            await lane.run(lambda: None)
        go.set()
        await asyncio.gather(first, *waiting)
        assert await lane.run(lambda: 7) == 7
        lane.close()

    in_own_loop(fill)


def test_the_newest_request_of_a_stream_takes_the_place_of_the_one_that_waits() -> None:
    async def drag() -> None:
        lane, go, drawn = Lane("test", 2), threading.Event(), []
        first = asyncio.create_task(lane.run(go.wait, "slider"))
        await asyncio.sleep(0.05)
        moves = []
        for position in range(20):
            moves.append(asyncio.create_task(lane.run(lambda position=position: drawn.append(position), "slider")))
            await asyncio.sleep(0)
        other = asyncio.create_task(lane.run(lambda: drawn.append("other"), "another slider"))
        await asyncio.sleep(0)
        go.set()
        results = await asyncio.gather(first, *moves, other, return_exceptions=True)
        assert drawn == [19, "other"]
        assert [isinstance(result, SupersededError) for result in results] == [False, *[True] * 19, False, False]
        lane.close()

    in_own_loop(drag)


def test_jobs_run_one_at_a_time_in_one_thread_and_an_error_harms_no_other() -> None:
    async def work() -> None:
        lane, threads, busy = Lane("test", 20), set(), []

        def job(number: int) -> int:
            busy.append(number)
            threads.add(threading.get_ident())
            assert len(busy) == 1
            busy.remove(number)
            if number == 3:
                raise KeyError(number)
            return number

        results = await asyncio.gather(*(lane.run(lambda n=n: job(n)) for n in range(8)), return_exceptions=True)
        assert [result for result in results if not isinstance(result, KeyError)] == [0, 1, 2, 4, 5, 6, 7]
        assert len(threads) == 1
        lane.close()

    in_own_loop(work)
