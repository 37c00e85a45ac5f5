"""The plots of a result, drawn from its figures alone."""

from __future__ import annotations

import re
from collections import defaultdict

from edgan.report.figures import LIGHT, Line, line_figure
from edgan.report.figures import series_of as colour_of
from reproduction.framework.results import Result
from reproduction.framework.schema import Curves
from reproduction.framework.verdict import Figure

SIZE = (576, 326)
"""Width and height in CSS pixels."""


def curves_name(result: Result) -> str:
    """The name of the plot's file."""
    return f"{result.id.rstrip('+')}-{result.scale}.svg"


def series_of(result: Result, curves: Curves) -> dict[str, list[tuple[float, Figure]]]:
    """The points of each curve, by its name; empty if the result has none of the figures."""
    series: dict[str, list[tuple[float, Figure]]] = defaultdict(list)
    for name, value in result.figures.items():
        match = re.fullmatch(curves.pattern, name)
        if match:
            series[match.groupdict().get("series") or curves.y_label].append((float(match["x"]), value))
    return dict(series)


def draw_curves(result: Result, curves: Curves) -> bytes:
    """An SVG of mean and 95 % interval against x. Equal results give equal files."""
    lines = []
    for index, (name, points) in enumerate(series_of(result, curves).items()):
        x, means = [at for at, _ in points], [value.mean for _, value in points]
        intervals = [
            (value.mean if value.low is None else value.low, value.mean if value.high is None else value.high)
            for _, value in points
        ]
        lines.append(Line(name, colour_of(index), x, means, intervals))
    figure = line_figure(
        lines,
        label=curves.alt,
        x_label=curves.x_label,
        y_label=curves.y_label,
        log=curves.log_y,
        log_x=curves.log_x,
        size=SIZE,
        palette=LIGHT,
        legend=len(lines) > 1,
        bars=True,
    )
    return figure.encode()
