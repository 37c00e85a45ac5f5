"""Units of work, shared among processes. Each unit leaves a file, so that a stop loses only those under way."""

from __future__ import annotations

import functools
import time
import traceback
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing import get_context
from pathlib import Path
from typing import Protocol, TypeVar

from edgan.storage.run_lock import RunLock
from edgan.training.progress import Progress


class Unit(Protocol):
    """A piece of work with a name of its own, which can be sent to another process."""

    @property
    def name(self) -> str:
        """Of its file, without suffix."""


class OutOfTimeError(Exception):
    """The time of the whole call ended while a unit was trained."""


U = TypeVar("U", bound=Unit)


def finish(
    units: Sequence[U], work: Callable[[U], object], *, folder: Path, workers: int, until: float
) -> dict[str, str]:
    """Do the units that have no FOLDER/NAME.json yet, in their order.

    Args:
        units: all of them.
        work: does one and writes its file last. A function of a module, for it runs in other processes. It raises
            `OutOfTimeError` when the time ends.
        folder: of the files.
        workers: how many processes; 1 is this one.
        until: no unit begins after this `time.time()`.

    Raises:
        EdganError: another call works in this folder: it would train in the same runs.

    Returns:
        What became of each unit, by name: "done in N s", "kept" (it was there), "no time", or "failed: " and the error.
    """
    with RunLock(folder):
        return _finish(units, work, folder, workers, until)


def _finish(
    units: Sequence[U], work: Callable[[U], object], folder: Path, workers: int, until: float
) -> dict[str, str]:
    fates = {unit.name: "kept" if (folder / f"{unit.name}.json").exists() else "no time" for unit in units}
    missing = [unit for unit in units if fates[unit.name] != "kept"]
    attempt = functools.partial(_attempt, work, until)
    if workers == 1:
        for unit in missing:
            fates[unit.name] = attempt(unit)
            print(f"{unit.name}: {fates[unit.name]}", flush=True)
        return fates
    # Spawned, because CUDA does not survive a fork.
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        futures = {pool.submit(attempt, unit): unit.name for unit in missing}
        for future in as_completed(futures):
            fates[futures[future]] = future.result()
            print(f"{futures[future]}: {future.result()}", flush=True)
    return fates


def _attempt(work: Callable[[U], object], until: float, unit: U) -> str:
    """Do a unit unless the time is over. An error of one does not end the others, and is reported."""
    if time.time() > until:
        return "no time"
    begun = time.monotonic()
    try:
        work(unit)
    except OutOfTimeError:
        return "no time"
    except Exception as error:
        traceback.print_exc()
        return f"failed: {type(error).__name__}: {error}"
    return f"done in {time.monotonic() - begun:.0f} s"


def stops_at(until: float) -> Callable[[Progress], None]:
    """A `watch` of `edgan.train` that ends the training when the time is over."""

    def watch(_: Progress) -> None:
        if time.time() > until:
            raise OutOfTimeError

    return watch
