"""Run units within a time budget, several at once, and store each output: an interrupted row resumes from there."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import torch
from threadpoolctl import threadpool_limits

from edgan.storage.durable import make_folder, write_json_atomic
from edgan.training.ending import InterruptedTrainingError
from reproduction.framework.machine import machine
from reproduction.framework.schema import TRAINED_SECONDS, BudgetSpentError, Place, Unit

Stored = dict[str, Any]
"""{"name", "options", "seconds", "machine", "result"} of a finished unit; older ones have no machine."""


def with_needs(finals: Sequence[Unit]) -> list[Unit]:
    """The units and all that they need, each once, dependencies first."""
    ordered: dict[str, Unit] = {}

    def visit(unit: Unit) -> None:
        if unit.key not in ordered:
            for needed in unit.needs:
                visit(needed)
            ordered[unit.key] = unit

    for unit in finals:
        visit(unit)
    return list(ordered.values())


def stored_path(folder: Path, unit: Unit) -> Path:
    """Where the output of a unit is stored."""
    return folder / "units" / f"{unit.key}.json"


def stored(folder: Path, unit: Unit) -> Stored | None:
    """The stored output of a unit; None if it is still to be run. An unreadable file counts as none."""
    try:
        value = json.loads(stored_path(folder, unit).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None
    return value if isinstance(value, dict) and "result" in value else None


def perform(unit: Unit, place: Place) -> Stored:
    """Run a unit and store its output, or return what is stored already.

    Raises:
        BudgetSpentError: the time ran out first.
        EdganError: the work failed.
    """
    known = stored(place.folder, unit)
    if known is not None:
        return known
    place.tick()
    started = time.monotonic()
    result = dict(unit.work(unit, place))
    value: Stored = {
        "name": unit.name,
        "options": dict(unit.options),
        # A training resumes where an earlier call stopped; its own clock counts that call too.
        "seconds": round(max(time.monotonic() - started, result.get(TRAINED_SECONDS, 0.0)), 3),
        "machine": machine(place.device),
        "result": result,
    }
    path = stored_path(place.folder, unit)
    make_folder(path.parent)
    write_json_atomic(path, value)
    return value


def run_units(
    finals: Sequence[Unit],
    place: Place,
    workers: int,
    say: Callable[[str], None] = lambda _: None,
    failed: Callable[[Unit, Exception], None] | None = None,
) -> dict[str, Stored]:
    """Run units and what they need, until all are done or the time is over.

    Args:
        finals: the final units.
        place: where, and until when.
        workers: processes at once, each with one thread; 1: in this process.
        say: called with a sentence as units end.
        failed: called with a unit that failed and why; the others go on. None: the first failure ends the call.

    Returns:
        Stored outputs by the units' keys.

    Raises:
        InterruptedTrainingError: a signal stopped a training.
        EdganError: a unit failed, and `failed` is None; the outputs of the others are stored.
    """
    units = with_needs(finals)
    done = {unit.key: value for unit in units if (value := stored(place.folder, unit)) is not None}
    if done:
        say(f"{len(done)} of {len(units)} units are already done.")
    run = _in_turn if workers == 1 else _in_parallel
    for unit, value in run([unit for unit in units if unit.key not in done], set(done), place, workers, failed):
        done[unit.key] = value
        say(f"{len(done)}/{len(units)}  {unit.name}  {value['seconds']:.0f} s")
    return done


Ended = Iterator[tuple[Unit, Stored]]
Failed = Callable[[Unit, Exception], None] | None


def _in_turn(units: list[Unit], done: set[str], place: Place, _workers: int, failed: Failed) -> Ended:
    for unit in (unit for unit in units if all(need.key in done for need in unit.needs)):
        try:
            value = perform(unit, place)
        except BudgetSpentError:
            return
        except Exception as error:
            _report(unit, error, failed)
            continue
        done.add(unit.key)
        yield unit, value


def _report(unit: Unit, error: Exception, failed: Failed) -> None:
    """Pass a unit's failure on, or end with it. A signal asks the whole call to end."""
    if failed is None or isinstance(error, InterruptedTrainingError):
        raise error
    failed(unit, error)


def _in_parallel(units: list[Unit], done: set[str], place: Place, workers: int, failed: Failed) -> Ended:
    """Run units in parallel processes, each as soon as its needs are done. Those that need a failed one are not run."""
    waiting, running, spent = list(units), dict[Future[Stored], Unit](), False
    with ProcessPoolExecutor(workers, get_context("spawn"), initializer=_one_thread) as pool:
        try:
            while waiting or running:
                spent = spent or place.over()
                ready = [unit for unit in waiting if all(need.key in done for need in unit.needs)]
                for unit in [] if spent else ready[: workers - len(running)]:
                    waiting.remove(unit)
                    running[pool.submit(perform, unit, place)] = unit
                if not running:
                    return
                for future in wait(running, return_when=FIRST_COMPLETED).done:
                    unit = running.pop(future)
                    try:
                        value = future.result()
                    except BudgetSpentError:
                        spent = True
                        continue
                    except Exception as error:
                        _report(unit, error, failed)
                        continue
                    done.add(unit.key)
                    yield unit, value
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _one_thread() -> None:
    """Limit torch and BLAS to one thread: processes that share cores would spin while waiting for each other."""
    torch.set_num_threads(1)
    threadpool_limits(1)
