"""The plots of a result, drawn from its figures alone."""

from __future__ import annotations

import io
import re
from collections import defaultdict

from matplotlib import rc_context
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure as Canvas

from reproduction.framework.results import Result
from reproduction.framework.schema import Curves
from reproduction.framework.verdict import Figure

MARKERS = "osD^v"
NEAR_ZERO = 0.001
"""A logarithmic axis is linear below this, so that it can hold 0."""


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
    with rc_context({"svg.fonttype": "none", "svg.hashsalt": curves_name(result), "font.size": 10}):
        canvas = Canvas((6, 3.4), layout="constrained")
        FigureCanvasSVG(canvas)
        axes = canvas.add_subplot()
        for marker, (name, points) in zip(MARKERS, series_of(result, curves).items(), strict=False):
            x, means = [at for at, _ in points], [value.mean for _, value in points]
            low = [value.mean - value.low if value.low is not None else 0.0 for _, value in points]
            high = [value.high - value.mean if value.high is not None else 0.0 for _, value in points]
            axes.errorbar(x, means, yerr=(low, high), marker=marker, markersize=5, capsize=3, linewidth=1.5, label=name)
        if curves.log_x:
            axes.set_xscale("symlog", linthresh=NEAR_ZERO)
        if curves.log_y:
            axes.set_yscale("log")
        axes.set_xlabel(curves.x_label)
        axes.set_ylabel(curves.y_label)
        axes.grid(axis="y", linewidth=0.5, alpha=0.5)
        axes.spines[["top", "right"]].set_visible(False)
        if len(axes.get_legend_handles_labels()[1]) > 1:
            axes.legend(frameon=False)
        buffer = io.BytesIO()
        # The date would make equal results differ.
        canvas.savefig(buffer, format="svg", metadata={"Date": None})
    return buffer.getvalue()
