"""Curves of the training logs: a small figure for every loss, and one for every cell of the tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from edgan.report.figures import Line, line_figure, series_of
from edgan.report.view import RunView

MOST_POINTS = 300


@dataclass(frozen=True)
class Panel:
    """A small figure: its term with the colour that it has in the tables, the network for a cell, and the drawing."""

    term: str
    colour: int
    network: str | None
    svg: Markup


def loss_panels(runs: Sequence[RunView], colours: dict[str, int]) -> list[Panel]:
    """A panel for every term that was logged, in the tables' order; a line in it for every run that has the term."""
    panels = []
    for number, (term, colour) in enumerate(colours.items()):
        lines = _lines(runs, "losses", term)
        if lines:
            svg = line_figure(lines, key=f"loss{number}", label=f"The loss {term} by step", x_label="step")
            panels.append(Panel(term, colour, None, svg))
    return panels


def gradient_panels(runs: Sequence[RunView], colours: dict[str, int]) -> list[Panel]:
    """A panel for every cell whose gradient was measured, row by row; the norm is on a logarithmic scale."""
    networks = dict.fromkeys(network for run in runs for network in run.table["networks"])
    panels = []
    for term, colour in colours.items():
        for network in networks:
            lines = _lines(runs, "gradients", f"{term}.{network}", positive=True)
            if lines:
                svg = line_figure(
                    lines,
                    key=f"gradient{len(panels)}",
                    label=f"Norm of the gradient that {term} gives the {network}, by step",
                    x_label="step",
                    log=True,
                )
                panels.append(Panel(term, colour, network, svg))
    return panels


def points_per_mean(runs: Sequence[RunView]) -> int:
    """How many logged values the longest log puts into one drawn point."""
    return max((_bin(len(_points(run.log, "losses", None))) for run in runs), default=1)


def _lines(runs: Sequence[RunView], group: str, name: str, positive: bool = False) -> list[Line]:
    lines = []
    for index, run in enumerate(runs):
        points = _points(run.log, group, name)
        if any(math.isfinite(y) and (y > 0 or not positive) for _, y in points):
            x, y = zip(*_thinned(points), strict=True)
            lines.append(Line(run.name, series_of(index), x, y))
    return lines


def _points(log: Sequence[dict[str, Any]], group: str, name: str | None) -> list[tuple[float, float]]:
    """(step, value) of a name, or 0.0 for every line of the group when no name is asked for."""
    lines = [line for line in log if group in line and (name is None or name in line[group])]
    return [(line["step"], 0.0 if name is None else _number(line[group][name])) for line in lines]


def _number(value: float | None) -> float:
    return math.nan if value is None else float(value)


def _thinned(points: list[tuple[float, float]]) -> list[tuple[float, float]]:
    """Means of neighbours, so that a long training stays readable and small."""
    size = _bin(len(points))
    groups = (points[start : start + size] for start in range(0, len(points), size))
    return [(group[-1][0], sum(y for _, y in group) / len(group)) for group in groups]


def _bin(count: int) -> int:
    return max(1, math.ceil(count / MOST_POINTS))
