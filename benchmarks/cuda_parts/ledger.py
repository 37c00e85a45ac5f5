"""Rows of the claims ledger, each a part. Everything that touches the ledger's machinery is in this file."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import reproduction
from benchmarks.cuda_parts.job import Job, Need, Outcome, Part
from reproduction import Entry
from reproduction.framework.schema import Row

TOY_SCALE = "toy"
SECONDS = 150.0
MARGIN = 5.0
"""Seconds before the end at which a row begins no unit any more."""
MOST_WORKERS = 8
USUAL_SIDE = 64


def parts(results: Path) -> tuple[Part, ...]:
    """A part for each row that can be run, the one that took least processor time first.

    Args:
        results: the folder of the ledger's results, which say how long a row took.
    """
    entries = [entry for entry in reproduction.ledger(results) if entry.row is not None]
    ordered = sorted(entries, key=_cost)
    return tuple(_part(entry, rehearsed=place == 0) for place, entry in enumerate(ordered))


def _cost(entry: Entry) -> float:
    known = [result.compute_seconds for result in entry.results if entry.row and result.scale == entry.row.usual]
    return known[0] if known else float("inf")


def _part(entry: Entry, rehearsed: bool) -> Part:
    row = entry.row
    assert row is not None
    scale = _scale(row)
    needs = tuple(Need(name, _side(row.scales[scale], name)) for name in row.data(scale))
    name = f"ledger-{row.id.rstrip('+')}"
    return Part(name, f"row {row.id} of the ledger: {entry.claim.text}", SECONDS, _work(row), needs, rehearsed)


def _work(row: Row) -> Callable[[Job], Outcome]:
    """Units of the row until it is done or the time is over; what was done is kept in the part's output folder."""

    def work(job: Job) -> Outcome:
        sets = {need.name: job.folder(need.name) for need in job.part.needs}
        scale = TOY_SCALE if job.toy else _scale(row)
        workers = 1 if job.toy else min(MOST_WORKERS, os.cpu_count() or 1)
        (result,) = reproduction.reproduce(
            row.id,
            budget=f"{max(job.left - MARGIN, 1):.0f}s",
            data=job.scratch / "sets",
            out=job.out,
            scale=scale,
            workers=workers,
            device=str(job.device),
            say=job.say,
        )
        figures = result.model_dump(mode="json")
        settings = {"scale": scale, "workers": workers, "data": sorted(sets)}
        return Outcome(figures, settings, whole=result.done == result.of)

    return work


def _scale(row: Row) -> str:
    """The scale for a GPU, or the one for two cores where the row has no other yet."""
    return "gpu" if "gpu" in row.scales else row.usual


def _side(sized: object, name: str) -> int:
    """The side in pixels at which a scale reads a set."""
    if hasattr(sized, "side"):
        return int(sized.side(name))
    return int(sized.training["size"]) if hasattr(sized, "training") else USUAL_SIDE
