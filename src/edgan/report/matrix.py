"""Routing tables as matrices: a row for each term, a column for each network, blank cells blocked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from edgan.report.view import RunView

COLOURS = 6
SCHEDULED = "∼"


@dataclass(frozen=True)
class MatrixRow:
    """A term: its colour (counted from 1), a description, and for every network the weight as text, None where blocked.

    For a weight that changes with the step, the cell is `SCHEDULED` and `about` gives the schedule.
    """

    term: str
    colour: int
    about: str
    cells: tuple[str | None, ...]


@dataclass(frozen=True)
class Matrix:
    """The table of a run, ready to draw."""

    networks: tuple[str, ...]
    rows: tuple[MatrixRow, ...]


def term_colours(runs: Sequence[RunView]) -> dict[str, int]:
    """A colour for every term, counted from 1; the same term has one colour in the whole report."""
    names = dict.fromkeys(row["term"] for run in runs for row in run.table["rows"])
    return {name: index % COLOURS + 1 for index, name in enumerate(names)}


def matrix(run: RunView, colours: dict[str, int]) -> Matrix:
    """The matrix of a run's table."""
    networks = tuple(run.table["networks"])
    rows = tuple(
        MatrixRow(
            term=row["term"],
            colour=colours[row["term"]],
            about=_about(row),
            cells=tuple(_weight(row["routes"].get(network)) for network in networks),
        )
        for row in run.table["rows"]
    )
    return Matrix(networks, rows)


def _about(row: dict[str, Any]) -> str:
    schedules = (
        f"{SCHEDULED} {network}: {route}" for network, route in row["routes"].items() if isinstance(route, str)
    )
    every = f"every {row['every']} steps" if row.get("every", 1) > 1 else ""
    return " · ".join(filter(None, (row.get("loss", ""), every, row.get("source", ""), *schedules)))


def _weight(route: float | str | None) -> str | None:
    if route is None:
        return None
    return SCHEDULED if isinstance(route, str) else f"{route:g}"
