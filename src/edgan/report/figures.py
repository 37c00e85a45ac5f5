"""Line figures as SVG: an element of the page, or a document of its own."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby

from markupsafe import Markup

from edgan.report.axes import Axis, linear_axis, log_axis

WIDTH, HEIGHT = 320, 196
FONT_SIZE = 12
ADVANCE = 7.6  # of a digit in DejaVu Sans, the widest of the usual fonts
NARROW = {".": 3.9, ",": 3.9, "−": 10.1}
ABOVE, BELOW, GAP = 8, 39, 5
COLUMN_SPACE, ROW_SPACE = 54, 40  # pixels between ticks of the x and of the y axis, at least
LINE_HEIGHT = 18
SWATCH = 26
FEW = 12  # a curve of fewer points shows them as dots
DOT = 2.5
LINE = 1.7
BAND = 0.16
CAP = 3
DASHES = ((), (4.0, 1.6), (1.2, 1.3), (6.0, 1.5, 1.2, 1.5))
SERIES = len(DASHES)
REAL = 0

Pixel = tuple[float, float]


@dataclass(frozen=True)
class Palette:
    """The colours of a figure, in CSS.

    Attributes:
        ink: of texts.
        rule: of grid lines.
        series: of the curves; the first is that of the real images.
        paper: of the background. A figure with one is a document of its own; None: an element of a page.
    """

    ink: str
    rule: str
    series: tuple[str, ...]
    paper: str | None = None


PAGE = Palette("var(--ink-soft)", "var(--rule)", tuple(f"var(--s{number})" for number in range(SERIES + 1)))
"""The variables of the report: the figure follows its page, light or dark."""
LIGHT = Palette("#565b63", "#dedbd3", ("#6b7078", "#1c5d99", "#b5481c", "#0b7565", "#7c3d8f"), "#ffffff")
"""The report's light colours for a file of its own."""


@dataclass(frozen=True)
class Line:
    """A curve.

    Attributes:
        name: for the legend and for screen readers.
        series: its colour and dash, counted from 1; 0 is that of the real images.
        x, y: its points; a y that is not finite is a gap, and so is one of 0 or less on a logarithmic axis.
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
    """The dash of a series for a `stroke-dasharray`."""
    dash = () if series == REAL else DASHES[(series - 1) % SERIES]
    return " ".join(f"{LINE * length:.1f}" for length in dash) or "none"


def line_figure(
    lines: Sequence[Line],
    *,
    label: str,
    x_label: str,
    y_label: str = "",
    log: bool = False,
    log_x: bool = False,
    span: tuple[float, float] | None = None,
    bounds: tuple[float, float] | None = None,
    size: tuple[int, int] = (WIDTH, HEIGHT),
    palette: Palette = PAGE,
    legend: bool = False,
    bars: bool = False,
) -> Markup:
    """Draw curves.

    Args:
        lines: the curves; may be empty.
        label: what the figure shows, for screen readers; the ends of the curves are added.
        x_label, y_label: below the x axis and above the y axis.
        log: logarithmic y axis.
        log_x: logarithmic x axis. Points at 0 stand one decade left of the others.
        span, bounds: limits of the x and of the y axis; None: the data's. On a logarithmic y axis the bounds are
            widened to the next of 1, 2, 5, 10, ...
        size: of the drawing in CSS pixels at its natural size.
        palette: its colours.
        legend: name the curves above the figure.
        bars: draw intervals as bars at the points, not as a band.

    Returns:
        An <svg> element without ids. With a palette that has a `paper`, an SVG document.
    """
    rows = _legend_rows(lines, size[0]) if legend else []
    top, bottom = ABOVE + LINE_HEIGHT * (len(rows) + bool(y_label)), size[1] - BELOW
    y_axis = _y_axis(lines, log, bounds, bottom - top)
    left = max(map(_width, y_axis.labels), default=0.0) + 2 * GAP - 2
    x_axis = _x_axis(lines, log_x, span, size[0] - left)
    right = size[0] - max(_width(x_axis.labels[-1]) / 2 if x_axis.labels else 0.0, GAP)
    frame = _Frame(x_axis, y_axis, left, right, top, bottom, palette)
    body = Markup("").join(
        [
            *_grid(frame),
            *_texts(frame, x_label, y_label),
            *_legend(rows, frame),
            _clipped(frame, [drawn for line in lines for drawn in _curve(line, frame, bars)]),
        ]
    )
    ends = "; ".join(filter(None, (_ends(line, x_label) for line in lines)))
    return _document(body, size, palette, f"{label}. {ends}" if ends else label)


@dataclass(frozen=True)
class _Frame:
    """The rectangle between the axes, in pixels, and what is drawn with."""

    x_axis: Axis
    y_axis: Axis
    left: float
    right: float
    top: float
    bottom: float
    palette: Palette

    def x(self, value: float) -> float:
        """The pixel column of a value; NaN where the axis cannot show it."""
        return self.left + self.x_axis.position(value) * (self.right - self.left)

    def y(self, value: float) -> float:
        """The pixel row of a value; NaN where the axis cannot show it."""
        return self.bottom - self.y_axis.position(value) * (self.bottom - self.top)


def _y_axis(lines: Sequence[Line], log: bool, bounds: tuple[float, float] | None, height: float) -> Axis:
    values = [y for line in lines for y in line.y]
    values += [end for line in lines for interval in line.band for end in interval]
    if log:
        return log_axis(values, limits=bounds)
    return linear_axis(values, limits=bounds, intervals=max(4, int(height / ROW_SPACE)))


def _x_axis(lines: Sequence[Line], log: bool, span: tuple[float, float] | None, width: float) -> Axis:
    values = [x for line in lines for x in line.x]
    if log:
        return log_axis(values, limits=span, to_ticks=False, zero=0 in values)
    integer = all(float(x).is_integer() for x in values)
    axis = linear_axis(values, limits=span, integer=integer, intervals=max(1, int(width / COLUMN_SPACE)))
    widest = max(map(_width, axis.labels), default=0.0)
    if len(axis.ticks) * (widest + GAP) > width:
        return linear_axis(values, limits=span, integer=integer, intervals=max(1, int(width / (widest + 4 * GAP))))
    return axis


def _width(text: str) -> float:
    """About how wide a text is, in pixels."""
    return sum(NARROW.get(character, ADVANCE) for character in text)


def _grid(frame: _Frame) -> Iterator[Markup]:
    rows = {f"{frame.y(tick):.1f}" for tick in frame.y_axis.ticks} | {f"{frame.bottom:.1f}"}
    for y in sorted(rows, key=float):
        yield Markup('<path d="M{:.1f} {}H{:.1f}" stroke="{}" stroke-width="0.8"/>').format(
            frame.left, y, frame.right, frame.palette.rule
        )


def _texts(frame: _Frame, x_label: str, y_label: str) -> Iterator[Markup]:
    for tick, label in zip(frame.x_axis.ticks, frame.x_axis.labels, strict=True):
        yield _text(label, frame.x(tick), frame.bottom + 17, "middle")
    for tick, label in zip(frame.y_axis.ticks, frame.y_axis.labels, strict=True):
        yield _text(label, frame.left - GAP, frame.y(tick) + 4.5, "end")
    yield _text(x_label, (frame.left + frame.right) / 2, frame.bottom + 33, "middle")
    if y_label:
        yield _text(y_label, GAP, frame.top - FONT_SIZE, "start")


def _text(text: str, x: float, y: float, anchor: str) -> Markup:
    return Markup('<text x="{:.1f}" y="{:.1f}" text-anchor="{}">{}</text>').format(x, y, anchor, text)


def _legend_rows(lines: Sequence[Line], width: float) -> list[list[tuple[float, Line]]]:
    """The curves in rows that fit the width, each with the x of its swatch."""
    rows: list[list[tuple[float, Line]]] = []
    x = math.inf
    for line in lines:
        space = SWATCH + 4 * GAP + _width(line.name)
        if x + space > width:
            x = GAP
            rows.append([])
        rows[-1].append((x, line))
        x += space
    return rows


def _legend(rows: Sequence[Sequence[tuple[float, Line]]], frame: _Frame) -> Iterator[Markup]:
    for number, row in enumerate(rows):
        y = FONT_SIZE + number * LINE_HEIGHT
        for x, line in row:
            yield _stroke(f"M{x:.1f} {y - 4}h{SWATCH - GAP}", line, frame)
            yield _text(line.name, x + SWATCH, y, "start")


def _curve(line: Line, frame: _Frame, bars: bool) -> Iterator[Markup]:
    """Intervals first, then the curve over them."""
    colour = frame.palette.series[line.series]
    points = [(frame.x(x), frame.y(y)) for x, y in zip(line.x, line.y, strict=True)]
    if line.band:
        for low, high in _intervals(line, frame):
            if bars:
                yield from (_bar(a, b, line, frame) for a, b in zip(low, high, strict=True))
            else:
                outline = " ".join(f"{x:.1f} {y:.1f}" for x, y in (*low, *reversed(high)))
                yield Markup('<path d="M{}Z" fill="{}" fill-opacity="{}"/>').format(outline, colour, BAND)
    for piece in _pieces(points):
        if len(piece) > 1:
            yield _stroke("M" + " ".join(f"{x:.1f} {y:.1f}" for x, y in piece), line, frame)
        if len(piece) == 1 or len(points) < FEW:
            for x, y in piece:
                yield Markup('<circle cx="{:.1f}" cy="{:.1f}" r="{}" fill="{}"/>').format(x, y, DOT, colour)


def _stroke(path: str, line: Line, frame: _Frame) -> Markup:
    return Markup(
        '<path d="{}" fill="none" stroke="{}" stroke-width="{}" stroke-linejoin="round" stroke-dasharray="{}"/>'
    ).format(path, frame.palette.series[line.series], LINE, dash_array(line.series))


def _bar(low: Pixel, high: Pixel, line: Line, frame: _Frame) -> Markup:
    path = f"M{low[0]:.1f} {low[1]:.1f}V{high[1]:.1f}"
    caps = "".join(f"M{x - CAP:.1f} {y:.1f}h{2 * CAP}" for x, y in (low, high))
    return Markup('<path d="{}" fill="none" stroke="{}"/>').format(path + caps, frame.palette.series[line.series])


def _intervals(line: Line, frame: _Frame) -> Iterator[tuple[list[Pixel], list[Pixel]]]:
    """The lower and the upper ends of the intervals, piece by piece. On a logarithmic axis, an end at 0 or below
    stands at the bottom of the axis."""

    def row(value: float) -> float:
        return frame.bottom if frame.y_axis.log and value <= 0 else frame.y(value)

    ends = [(frame.x(x), row(low), row(high)) for x, (low, high) in zip(line.x, line.band, strict=True)]
    for piece in _pieces(ends):
        yield [(x, low) for x, low, _ in piece], [(x, high) for x, _, high in piece]


def _pieces(points: Sequence[tuple[float, ...]]) -> Iterator[list[tuple[float, ...]]]:
    """The runs of points between gaps: a point with a NaN is a gap."""
    for finite, piece in groupby(points, lambda point: all(map(math.isfinite, point))):
        if finite:
            yield list(piece)


def _clipped(frame: _Frame, drawn: Sequence[Markup]) -> Markup:
    """What lies between the axes and a dot's radius beyond. An inner <svg> clips without an id."""
    left, top = frame.left - DOT, frame.top - DOT
    box = (left, top, frame.right + DOT - left, frame.bottom + DOT - top)
    x, y, width, height = (f"{value:.1f}" for value in box)
    return Markup('<svg x="{0}" y="{1}" width="{2}" height="{3}" viewBox="{0} {1} {2} {3}">{4}</svg>').format(
        x, y, width, height, Markup("").join(drawn)
    )


def _document(body: Markup, size: tuple[int, int], palette: Palette, label: str) -> Markup:
    width, height = size
    root = Markup('viewBox="0 0 {} {}" role="img" aria-label="{}" class="plot"').format(width, height, label)
    group = Markup('<g fill="{}" font-size="{}">{}</g>').format(palette.ink, FONT_SIZE, body)
    if palette.paper is None:
        return Markup("<svg {}>{}</svg>").format(root, group)
    return Markup(
        '<svg xmlns="http://www.w3.org/2000/svg" width="{}" height="{}" font-family="sans-serif" {}>'
        '<rect width="100%" height="100%" fill="{}"/>{}</svg>\n'
    ).format(width, height, root, palette.paper, group)


def _ends(line: Line, x_label: str) -> str:
    points = [(x, y) for x, y in zip(line.x, line.y, strict=True) if math.isfinite(y)]
    if not points:
        return ""
    (x0, y0), (x1, y1) = points[0], points[-1]
    return f"{line.name}: {y0:.3g} at {x_label} {x0:g}, {y1:.3g} at {x_label} {x1:g}"
