"""`reproduce`: run one row of the ledger, or all of them, within a time budget."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

from edgan.data import SPLITS, Dataset, open_dataset
from edgan.errors import EdganError, UsageError, near_miss
from edgan.storage.durable import make_folder, reason
from edgan.training.ending import InterruptedTrainingError
from reproduction.claims import BY_ID
from reproduction.framework.machine import machine, software
from reproduction.framework.mean_picture import read_mean_pictures, record_mean_pictures
from reproduction.framework.results import Data, Result, result_path, write_result
from reproduction.framework.schedule import Stored, run_units, with_needs
from reproduction.framework.schema import FALL, Outcome, Place, Row, Unit, side_of
from reproduction.framework.verdict import verdict_of
from reproduction.ledger import judged
from reproduction.rows import ROWS, can_run, find_row

WORK = "work"
LEAST_SHARE = 0.01
UNIT_SECONDS = {"s": 1, "m": 60, "h": 3600}


def reproduce(
    name: str | None = None,
    *,
    all: bool = False,
    budget: str | None = None,
    data: str | Path = "data",
    out: str | Path = "results",
    scale: str | None = None,
    workers: int | None = None,
    device: str = "auto",
    say: Callable[[str], None] = lambda _: None,
) -> list[Result]:
    """Run rows of the ledger and write their results.

    Every unit of work, such as a trained model or the ranking of one seed, is stored in OUT/work as it ends. Called
    again, a row resumes from there.

    Args:
        name: a row, "1.2".
        all: run every row that can be run, in order; they share the budget.
        budget: "90s", "10m" or "2h"; what is not done by then is left for the next call. None: no limit.
        data: the folder that holds the real data sets in folders of their names: DATA/utkface, DATA/facades.
        out: for NAME-SCALE.json (NAME.json at scale "small"); OUT/work holds the work.
        scale: "cpu" (two CPU cores), "small" (shorter and older), "gpu" (minutes of one GPU), "paper" (the paper's
            sizes, hours of one), "toy" (seconds, tests the machinery). None: "cpu" where the row has it, else "small".
        workers: processes at once, each with one thread. None: the number of cores.
        device: "auto", "cpu", "cuda", ...
        say: called with a sentence as work proceeds.

    Returns:
        The result of each row.

    Raises:
        UsageError: an unknown row, scale or budget, or a data set is missing.
        EdganError: the work failed; what was done is kept.
    """
    rows = _chosen(name, all)
    seconds = None if budget is None else parse_budget(budget)
    if workers is not None and workers < 1:
        raise UsageError(f"must be at least 1 (got {workers}).", parameter="workers")
    deadline = None if seconds is None else time.time() + seconds
    rows = _without_obstacles(rows, name, say)
    place = Place(Path(out) / WORK, data_paths(rows, Path(data), scale), device, deadline)
    results = []
    for row in rows:
        say(f"Row {row.id}: {BY_ID[row.id].text}")
        try:
            result = _run(row, place, scale or row.usual, workers or cores(), seconds, say)
        except InterruptedTrainingError:
            raise EdganError(
                f"Stopped in row {row.id}; finished work is kept in {place.folder}. The same command resumes it."
            ) from None
        result = _with_original_provenance(result, Path(out))
        write_result(_folder(Path(out)), result)
        judgement = judged(result, read_mean_pictures(Path(out)))
        say(f"Row {row.id} {judgement.verdict}: {result.headline or 'nothing to judge yet'}")
        results.append(result)
    return results


def cores() -> int:
    """The number of cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parse_budget(text: str) -> float:
    """Seconds of "90s", "10m", "1.5h".

    Raises:
        UsageError: not such a time, or 0.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text.strip())
    if match is None or float(match[1]) <= 0:
        raise UsageError(f"A budget is a time such as 90s, 10m or 2h, not {text!r}.")
    return float(match[1]) * UNIT_SECONDS[match[2]]


def _chosen(name: str | None, everything: bool) -> list[Row]:
    if name is not None and everything:
        raise UsageError(f"Give a row ({name}) or all rows, not both.")
    if everything:
        return [row for row in ROWS.values() if can_run(row.id)]
    if name is not None:
        return [find_row(name)]
    raise UsageError("Give the name of a row, or ask for all rows.")


def _without_obstacles(rows: list[Row], name: str | None, say: Callable[[str], None]) -> list[Row]:
    """The rows that can run on this machine. A row requested by name must be one of them."""
    runnable = []
    for row in rows:
        why = row.obstacle()
        if why and name is not None:
            raise EdganError(f"Row {row.id} cannot be run here. {why}")
        if why:
            say(f"Row {row.id} is skipped: it cannot be run here. {why}")
        else:
            runnable.append(row)
    return runnable


def data_paths(rows: Iterable[Row], folder: Path, chosen: str | None) -> dict[str, Path]:
    """The folder of each data set that rows read at a scale, or at their usual ones if it is None.

    Raises:
        UsageError: a row has no such scale, or a set is missing.
    """
    paths: dict[str, Path] = {}
    for row in rows:
        scale = chosen or row.usual
        if scale not in row.scales:
            raise UsageError(f"Row {row.id} has no scale {scale!r}. {near_miss(scale, row.scales)}")
        for name in row.data(scale):
            paths[name] = folder / name
            if not paths[name].exists():
                raise UsageError(
                    f"must hold the data set {name} for row {row.id}, but {paths[name]} does not exist. Put it there "
                    "in its published layout (docs/data.md).",
                    parameter="data",
                )
    return paths


def _folder(path: Path) -> Path:
    try:
        make_folder(path)
    except OSError as error:
        raise EdganError(f"The folder {path} cannot be created: {reason(error)}.") from error
    return path


def _run(row: Row, place: Place, scale: str, workers: int, budget: float | None, say: Callable[[str], None]) -> Result:
    started = time.monotonic()
    sized = row.scales[scale]
    sets = {name: open_dataset(place.data[name], size=side_of(sized, name)) for name in row.data(scale)}
    finals = row.units(sized, {name: dataset.key for name, dataset in sets.items()})
    record_mean_pictures(place.folder.parent, sets)
    done = run_units(finals, place, workers, say)
    outcome, seeds = _judged(row, scale, finals, done)
    units = with_needs(finals)
    claim = BY_ID[row.id]
    return Result(
        id=claim.id,
        claim=claim.text,
        paper_figure=claim.figure,
        scale=scale,
        protocol=row.protocol(sized),
        data=tuple(_described(name, dataset) for name, dataset in sets.items()),
        seeds=tuple(seeds),
        done=len(done),
        of=len(units),
        headline=outcome.headline,
        figures=dict(outcome.figures),
        falls=_falls(units, done),
        checks=tuple(outcome.checks),
        verdict=verdict_of(outcome.checks, len(done), len(units)),
        explanation=row.explanation.get(scale, ""),
        command=_command(row, scale, workers, budget),
        budget_seconds=budget,
        wall_seconds=round(time.monotonic() - started, 1),
        compute_seconds=round(sum(unit["seconds"] for unit in done.values()), 1),
        **software(place.device) | {"machine": _machines(done, place.device)},
    )


def _machines(done: Mapping[str, Stored], device: str) -> str:
    """The machines that did at least a hundredth of the work, the one that did most of it first."""
    here, seconds = machine(device), Counter[str]()
    for unit in done.values():
        seconds[unit.get("machine", here)] += unit["seconds"]
    whole = sum(seconds.values())
    return "; ".join(name for name, spent in seconds.most_common() if spent >= LEAST_SHARE * whole) or here


def _with_original_provenance(result: Result, out: Path) -> Result:
    """If no unit was run, the result keeps the date, machine and command of the call that ran them."""
    try:
        before = Result.model_validate_json(result_path(out, result.id, result.scale).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return result
    same = ("done", "of", "compute_seconds", "data", "protocol")
    if any(getattr(before, name) != getattr(result, name) for name in same):
        return result
    kept = ("date", "machine", "torch", "edgan", "commit", "command", "budget_seconds", "wall_seconds")
    return result.model_copy(update={name: getattr(before, name) for name in kept})


def _judged(row: Row, scale: str, finals: Sequence[Unit], done: dict[str, Stored]) -> tuple[Outcome, list[int]]:
    """The outcome over the seeds whose units are all done; no checks if there are fewer than two."""
    seeds = dict.fromkeys(unit.seed for unit in finals)
    complete = [seed for seed in seeds if all(unit.key in done for unit in finals if unit.seed == seed)]
    if len(complete) < 2:
        return Outcome("", (), {}), complete
    outputs = {key: value["result"] for key, value in done.items()}
    return row.judge(row.scales[scale], [unit for unit in finals if unit.seed in complete], outputs), complete


def _falls(units: Sequence[Unit], done: dict[str, Stored]) -> dict[str, float]:
    """How the losses of the trainings ended, where their outputs hold it."""
    ends = {unit.name: done[unit.key]["result"].get(FALL) for unit in units if unit.key in done}
    return {name: round(float(fall), 4) for name, fall in ends.items() if fall is not None}


def _described(name: str, dataset: Dataset) -> Data:
    images = {split: len(dataset.indices(split)) for split in SPLITS}
    return Data(name=name, key=dataset.key, images=images)


def _command(row: Row, scale: str, workers: int, budget: float | None) -> str:
    words = ["python", "-m", "reproduction", row.id, "--data", "data", "--scale", scale, "--workers", str(workers)]
    return shlex.join([*words, *([] if budget is None else ["--budget", f"{budget:g}s"])])
