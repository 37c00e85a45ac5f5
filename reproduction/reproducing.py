"""`reproduce`: one row of the ledger, or all of them, within a time budget."""

from __future__ import annotations

import os
import re
import shlex
import time
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from edgan.data import Dataset, open_dataset
from edgan.data.dataset import SPLITS
from edgan.errors import EdganError, UsageError, near_miss
from edgan.storage.durable import make_folder, reason
from edgan.training.loop import InterruptedTrainingError
from reproduction.claims import BY_ID
from reproduction.entries import ledger
from reproduction.machine import software
from reproduction.pages import write_pages
from reproduction.registry import ROWS, can_run, find_row
from reproduction.results import USUAL_SCALE, Data, Result, result_path, write_result
from reproduction.running import Stored, every, run_units
from reproduction.spec import Outcome, Place, Row, Unit
from reproduction.verdicts import verdict_of

WORK = "work"
UNITS = {"s": 1, "m": 60, "h": 3600}


def reproduce(
    name: str | None = None,
    *,
    all: bool = False,
    budget: str | None = None,
    data: str | Path = "data",
    out: str | Path = "results",
    scale: str = USUAL_SCALE,
    workers: int | None = None,
    device: str = "auto",
    write_docs: str | Path | None = None,
    say: Callable[[str], None] = lambda _: None,
) -> list[Result]:
    """Try claims of the papers, and write what was found.

    Every unit of work, a trained model or a seed's ranking, is stored in OUT/work as it ends; called again, a row goes
    on from there.

    Args:
        name: a row, "1.2".
        all: every row that can be run, in order; they share the budget.
        budget: "90s", "10m" or "2h"; what is not done by then is left for the next call. None: no end.
        data: the folder that holds the real sets in folders of their names: DATA/utkface, DATA/facades.
        out: for NAME.json (NAME-SCALE.json at another scale than "small"), and in OUT/work what makes it.
        scale: "small" (two CPU cores), "paper" (the paper's sizes, for a GPU), "toy" (seconds, to see that it runs).
        workers: processes at once, each with one thread; as many as there are cores unless given.
        device: "auto", "cpu", "cuda", ...
        write_docs: write the page of all results there, and its figures into images/ beside it.
        say: called with a sentence as work goes on.

    Returns:
        What each row found.

    Raises:
        UsageError: an unknown row, scale or budget, or a set that is not there.
        EdganError: the work failed; what was done stays.
    """
    rows = _chosen(name, all, write_docs is not None)
    seconds = None if budget is None else parse_budget(budget)
    if workers is not None and workers < 1:
        raise UsageError(f"--workers says how many processes work at once; {workers} is none.")
    deadline = None if seconds is None else time.time() + seconds
    rows = _unhindered(rows, name, say)
    paths = _data_paths(rows, Path(data), scale)
    place = Place(Path(out) / WORK, paths, device, deadline)
    results = []
    for row in rows:
        say(f"Row {row.id}: {BY_ID[row.id].text}")
        try:
            result = _reproduce(row, place, scale, workers or cores(), seconds, say)
        except InterruptedTrainingError:
            raise EdganError(
                f"Stopped in row {row.id}; what was done is kept in {place.folder}. The same command goes on."
            ) from None
        result = _as_first_made(result, Path(out))
        write_result(_folder(Path(out)), result)
        say(f"Row {row.id} {result.verdict}: {result.headline or 'nothing to judge yet'}")
        results.append(result)
    if write_docs is not None:
        write_pages(Path(write_docs), ledger(out))
    return results


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def parse_budget(text: str) -> float:
    """Seconds of "90s", "10m", "1.5h".

    Raises:
        UsageError: it is none of these.
    """
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smh])", text.strip())
    if match is None or float(match[1]) <= 0:
        raise UsageError(f"A budget is a time such as 90s, 10m or 2h, not {text!r}.")
    return float(match[1]) * UNITS[match[2]]


def _chosen(name: str | None, everything: bool, docs: bool) -> list[Row]:
    if name is not None and everything:
        raise UsageError(f"Give a row ({name}) or --all, not both.")
    if everything:
        return [row for row in ROWS.values() if can_run(row.id)]
    if name is not None:
        return [find_row(name)]
    if docs:
        return []
    raise UsageError("Which row? Give its name, --all, or --list to see them.")


def _unhindered(rows: list[Row], name: str | None, say: Callable[[str], None]) -> list[Row]:
    """The rows that can be run on this machine; one that was asked for by name must be."""
    found = []
    for row in rows:
        why = row.obstacle()
        if why and name is not None:
            raise EdganError(f"Row {row.id} cannot be run here. {why}")
        if why:
            say(f"Row {row.id} is left out, as it cannot be run here. {why}")
        else:
            found.append(row)
    return found


def _data_paths(rows: Iterable[Row], folder: Path, scale: str) -> dict[str, Path]:
    paths: dict[str, Path] = {}
    for row in rows:
        if scale not in row.scales:
            raise UsageError(f"Row {row.id} has no scale {scale!r}. {near_miss(scale, row.scales)}")
        for name in row.data(scale):
            paths[name] = folder / name
            if not paths[name].exists():
                raise UsageError(
                    f"Row {row.id} needs the set {name}, which is expected in {paths[name]}. Put it there as its "
                    "publisher lays it out (docs/data.md), or say where the sets are with --data DIR."
                )
    return paths


def _folder(path: Path) -> Path:
    try:
        make_folder(path)
    except OSError as error:
        raise EdganError(f"The folder {path} cannot be made: {reason(error)}. Give another --out.") from error
    return path


def _reproduce(
    row: Row, place: Place, scale: str, workers: int, budget: float | None, say: Callable[[str], None]
) -> Result:
    started = time.monotonic()
    sized = row.scales[scale]
    sets = {name: open_dataset(place.data[name], size=_side(sized, name)) for name in row.data(scale)}
    finals = row.units(sized, {name: one.key for name, one in sets.items()})
    done = run_units(finals, place, workers, say)
    outcome, seeds = _judged(row, scale, finals, done)
    units = every(finals)
    claim = BY_ID[row.id]
    verdict = verdict_of(outcome.checks, len(done), len(units))
    return Result(
        id=claim.id,
        claim=claim.text,
        paper_figure=claim.figure,
        scale=scale,
        protocol=row.protocol(sized),
        data=tuple(_described(name, one) for name, one in sets.items()),
        seeds=tuple(seeds),
        done=len(done),
        of=len(units),
        headline=outcome.headline,
        figures=dict(outcome.figures),
        checks=tuple(outcome.checks),
        verdict=verdict,
        explanation=row.explanation.get(scale, ""),
        command=_command(row, scale, workers, budget),
        budget_seconds=budget,
        wall_seconds=round(time.monotonic() - started, 1),
        compute_seconds=round(sum(one["seconds"] for one in done.values()), 1),
        **software(place.device),
    )


def _as_first_made(result: Result, out: Path) -> Result:
    """A result whose units were all done before was made when they were, and is only judged anew."""
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
    """The outcome over the seeds all of whose units are done; nothing to judge below two of them."""
    whole = [s for s in dict.fromkeys(u.seed for u in finals) if all(u.key in done for u in finals if u.seed == s)]
    found = {key: value["result"] for key, value in done.items()}
    if len(whole) < 2:
        return Outcome("", (), {}), whole
    return row.judge(row.scales[scale], [unit for unit in finals if unit.seed in whole], found), whole


def _side(sized: object, name: str) -> int:
    if hasattr(sized, "side"):
        return int(sized.side(name))
    return int(sized.training["size"]) if hasattr(sized, "training") else 64


def _described(name: str, dataset: Dataset) -> Data:
    images = {split: len(dataset.indices(split)) for split in SPLITS}
    return Data(name=name, key=dataset.key, images=images)


def _command(row: Row, scale: str, workers: int, budget: float | None) -> str:
    words = ["edgan", "reproduce", row.id, "--data", "data", "--scale", scale, "--workers", str(workers)]
    return shlex.join([*words, *([] if budget is None else ["--budget", f"{budget:g}s"])])
