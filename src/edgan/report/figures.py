"""Line figures as inline SVG. Colours are the page's own variables, so that a figure follows the page into the dark."""

from __future__ import annotations

import io
import math
import re
import xml.etree.ElementTree as ElementTree
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.axes import Axes
from matplotlib.backends.backend_svg import FigureCanvasSVG
from matplotlib.figure import Figure
from matplotlib.ticker import FixedLocator, FuncFormatter, MaxNLocator, NullLocator

WIDTH, HEIGHT = 320, 196
POINTS_PER_INCH = 72
FEW = 12
LINE = 1.7
BAND = 0.16
DASHES = ((), (4.0, 1.6), (1.2, 1.3), (6.0, 1.5, 1.2, 1.5))
SERIES = len(DASHES)
REAL = 0
# Stand-ins that matplotlib accepts; the page's variables replace them in the finished SVG.
INK, GRID, SERIES_HEX = "#000001", "#000002", "#0000f"
VARIABLES = {
    INK: "var(--ink-soft)",
    GRID: "var(--rule)",
    **{f"{SERIES_HEX}{i}": f"var(--s{i})" for i in range(SERIES + 1)},
}


@dataclass(frozen=True)
class Line:
    """A curve.

    Attributes:
        name: for those who hear the figure.
        series: its colour and dash, counted from 1; 0 is that of the real images.
        x, y: its points; a y that is not finite is a gap.
        band: an interval (low, high) around each point, or nothing.
    """

    name: str
    series: int
    x: Sequence[float]
    y: Sequence[float]
    band: Sequence[tuple[float, float]] = ()


def series_of(index: int) -> int:
    """The series of the index-th run or model, counted from 0; they repeat after four."""
    return index % SERIES + 1


def dash_array(series: int) -> str:
    """The dash of a series for a legend's `stroke-dasharray`."""
    return " ".join(f"{LINE * length:.1f}" for length in _dash(series)) or "none"


def line_figure(
    lines: Sequence[Line],
    *,
    key: str,
    label: str,
    x_label: str,
    log: bool = False,
    span: tuple[float, float] | None = None,
    bounds: tuple[float, float] | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
) -> Markup:
    """Draw curves.

    Args:
        lines: the curves.
        key: a word that no other figure of the page has; the SVG's ids begin with it.
        label: what it shows, for those who hear it; the curves' ends are added.
        x_label: under the axis.
        log: logarithmic y axis.
        span, bounds: of the x and of the y axis; None: the data's. On a logarithmic axis the bounds are widened to the
            next of 1, 2, 5, 10, ...
        size: of the drawing in CSS pixels at its natural size.

    Returns:
        An <svg> element without namespaces, ids of others, or anything outside itself.
    """
    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": key, "font.size": 12, "path.simplify": True}
    with matplotlib.rc_context(settings):
        figure = Figure((size[0] / POINTS_PER_INCH, size[1] / POINTS_PER_INCH), layout="constrained")
        FigureCanvasSVG(figure)
        axes = figure.add_subplot()
        for line in lines:
            _draw(axes, line)
        _style(axes, x_label)
        _scale(axes, log, span, bounds)
        buffer = io.BytesIO()
        figure.savefig(buffer, format="svg", transparent=True)
    ends = "; ".join(filter(None, (_ends(line, x_label) for line in lines)))
    return _inline(buffer.getvalue(), key, f"{label}. {ends}" if ends else label)


def _dash(series: int) -> tuple[float, ...]:
    return () if series == REAL else DASHES[(series - 1) % SERIES]


def _draw(axes: Axes, line: Line) -> None:
    dash = _dash(line.series)
    if line.band:
        low, high = zip(*line.band, strict=True)
        axes.fill_between(line.x, low, high, color=f"{SERIES_HEX}{line.series}", alpha=BAND, linewidth=0)
    axes.plot(
        line.x,
        line.y,
        color=f"{SERIES_HEX}{line.series}",
        linewidth=LINE,
        linestyle=(0, dash) if dash else "solid",
        marker="o" if len(line.x) < FEW else "",
        markersize=4,
    )


def log_ticks(low: float, high: float) -> list[float]:
    """Ticks of a logarithmic axis, from at or below `low` to at or above `high`: 1, 2, 5, ... within two decades,
    powers of ten beyond.

    Args:
        low, high: positive.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high) + 1e-9)
    steps = (1, 2, 5) if high / low < 100 else (1,)
    ticks = [float(f"{step}e{power}") for power in range(first, last + 1) for step in steps]
    below = max(tick for tick in ticks if tick <= low)
    above = min(tick for tick in ticks if tick >= high)
    kept = [tick for tick in ticks if below <= tick <= above]
    return kept if len(kept) > 1 else [below, below * 2]


def _style(axes: Axes, x_label: str) -> None:
    axes.set_xlabel(x_label, color=INK, parse_math=False)
    axes.grid(axis="y", color=GRID, linewidth=0.8)
    axes.set_axisbelow(True)
    axes.tick_params(colors=INK, length=0, pad=5)
    axes.tick_params(axis="x", pad=8)
    for side, spine in axes.spines.items():
        spine.set_visible(side == "bottom")
        spine.set_color(GRID)


def _scale(axes: Axes, log: bool, span: tuple[float, float] | None, bounds: tuple[float, float] | None) -> None:
    if log:
        axes.set_yscale("log")
        ticks = log_ticks(*(bounds or axes.dataLim.intervaly))
        axes.set_ylim(ticks[0], ticks[-1])
        axes.yaxis.set_major_locator(FixedLocator(ticks))
        axes.yaxis.set_minor_locator(NullLocator())
        axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
    else:
        axes.yaxis.set_major_locator(MaxNLocator(4))
        if bounds:
            axes.set_ylim(*bounds)
    if span:
        axes.set_xlim(*span)
    axes.xaxis.set_major_locator(MaxNLocator(5, integer=True, steps=[1, 2, 5, 10]))
    axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:,.0f}"))


def _ends(line: Line, x_label: str) -> str:
    points = [(x, y) for x, y in zip(line.x, line.y, strict=True) if math.isfinite(y)]
    if not points:
        return ""
    (x0, y0), (x1, y1) = points[0], points[-1]
    return f"{line.name}: {y0:.3g} at {x_label} {x0:g}, {y1:.3g} at {x_label} {x1:g}"


def _inline(svg: bytes, key: str, label: str) -> Markup:
    """An SVG document as an element for the page: no namespaces, no metadata, ids of its own, the page's colours."""
    root = ElementTree.fromstring(svg)
    for parent in list(root.iter()):
        for child in list(parent):
            if child.tag.endswith("metadata"):
                parent.remove(child)
    for element in root.iter():
        element.tag = element.tag.rpartition("}")[2]
        element.attrib = {_local(name): _own(name, value, key) for name, value in element.attrib.items()}
    kept = {"viewBox": root.attrib["viewBox"], "role": "img", "aria-label": label, "class": "plot"}
    root.attrib = kept
    text = ElementTree.tostring(root, encoding="unicode")
    return Markup(re.sub(r"#0000[0-9a-f]{2}\b", lambda found: VARIABLES[found.group()], text))


def _local(name: str) -> str:
    return name.rpartition("}")[2]


def _own(name: str, value: str, key: str) -> str:
    if name == "id":
        return f"{key}-{value}"
    if _local(name) == "href":
        return f"#{key}-{value[1:]}"
    return re.sub(r"url\(#", f"url(#{key}-", value)
