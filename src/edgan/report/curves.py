"""Curves of the training logs: a small figure for every loss, and one for every cell of the tables."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from markupsafe import Markup

from edgan.metrics.registry import METRICS
from edgan.report.figures import Line, line_figure, series_of
from edgan.report.view import RunView

MOST_POINTS = 120


@dataclass(frozen=True)
class Panel:
    """A small figure: its term, the term's colour in the tables (None: it has none), a cell's network, the drawing."""

    term: str
    colour: int | None
    network: str | None
    svg: Markup


def loss_panels(runs: Sequence[RunView], colours: dict[str, int]) -> list[Panel]:
    """A panel for every logged term, in the order of the tables, with a line for every run that has the term."""
    panels = []
    for term, colour in colours.items():
        lines = _lines(runs, "losses", term)
        if lines:
            label = f"The loss {term} by step"
            svg = line_figure(lines, label=label, x_label="step", span=_span(runs))
            panels.append(Panel(term, colour, None, svg))
    return panels


def score_panels(runs: Sequence[RunView]) -> list[Panel]:
    """A panel for every held-out figure that judged checkpoints, with a line for every run that it judged."""
    names = dict.fromkeys(line["score"] for run in runs for line in run.log if "score" in line)
    titles = {f"{metric.name}{end}": metric.title for metric in METRICS for end in ("", "_output")}
    panels = []
    for name in names:
        lines = _lines(runs, "held_out", name)
        if lines:
            title = titles.get(name, name)
            svg = line_figure(lines, label=f"{title} of held-out images by step", x_label="step", span=_span(runs))
            panels.append(Panel(title, None, None, svg))
    return panels


def gradient_panels(runs: Sequence[RunView], colours: dict[str, int]) -> list[Panel]:
    """A panel for every cell whose gradient was measured, row by row, with a shared logarithmic scale."""
    networks = dict.fromkeys(network for run in runs for network in run.table["networks"])
    cells = [
        (term, network, _lines(runs, "gradients", f"{term}.{network}")) for term in colours for network in networks
    ]
    norms = [y for *_, lines in cells for line in lines for y in line.y if math.isfinite(y)]
    panels = []
    for term, network, lines in cells:
        if lines:
            svg = line_figure(
                lines,
                label=f"Norm of the gradient of {term} on the {network} by step",
                x_label="step",
                log=True,
                span=_span(runs),
                bounds=(min(norms), max(norms)),
            )
            panels.append(Panel(term, colours[term], network, svg))
    return panels


def points_per_mean(runs: Sequence[RunView]) -> int:
    """How many logged values are averaged into a drawn point, for the longest log."""
    return max((_bin(len(_points(run.log, "losses", None))) for run in runs), default=1)


def _span(runs: Sequence[RunView]) -> tuple[float, float]:
    """The x axis of all figures: from 0 to the last logged step of any run."""
    return 0.0, float(max(line["step"] for run in runs for line in run.log))


def _lines(runs: Sequence[RunView], group: str, name: str) -> list[Line]:
    lines = []
    for index, run in enumerate(runs):
        points = _points(run.log, group, name)
        if group == "gradients":  # drawn on a logarithmic scale, which cannot show a norm of 0
            points = [(x, y if y > 0 else math.nan) for x, y in points]
        if any(math.isfinite(y) for _, y in points):
            x, y = zip(*_thinned(points), strict=True)
            lines.append(Line(run.name, series_of(index), x, y))
    return lines


def _points(log: Sequence[dict[str, Any]], group: str, name: str | None) -> list[tuple[float, float]]:
    """(step, value) of a name; without a name, (step, 0.0) for every log line of the group."""
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
