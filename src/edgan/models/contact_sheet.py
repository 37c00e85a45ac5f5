"""Contact sheets: many pictures on one page, with a title, column headings and row labels."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PIL import Image, ImageDraw, ImageFont

CELL = 128
"""Smaller pictures are enlarged to at least this many pixels, with sharp pixels."""
LARGEST = 256
"""Larger pictures are reduced to this many pixels."""
MOST_ENLARGED = 512
"""Pixels beyond which no picture is enlarged."""
MOST_CELLS, MOST_ROWS = 160, 64
MARGIN, GAP, GROUP_GAP = 24, 4, 28
TITLE, HEADING, LABEL = 20, 14, 12
INK, GREY = "#1c1c1c", "#606060"
LONGEST_LABEL = 16
SHAPE = 1.4
"""Width of a page over its height that the layout aims at."""


@dataclass(frozen=True)
class Row:
    """A row of a sheet: its label, and a picture for each column."""

    label: str
    pictures: tuple[Image.Image, ...]


@dataclass(frozen=True)
class _Layout:
    """Sizes in pixels: a cell, the place for row labels left of it, a group of columns; rows in a group."""

    cell: tuple[int, int]
    labels: int
    group: int
    rows: int
    heading: int


def most_rows(columns: int) -> int:
    """How many rows a sheet shows: at most 64, and fewer the more columns it has."""
    return max(1, min(MOST_ROWS, MOST_CELLS // columns))


def shown_size(width: int, height: int, least: int, enlarge: int = 1, most: int = LARGEST) -> tuple[int, int]:
    """The size in which a picture of this size is shown.

    Args:
        width, height: of the picture in pixels.
        least: pixels that its longer side has at least, by a whole factor.
        enlarge: the factor, where that is larger.
        most: pixels beyond which it is reduced to so many.
    """
    side = max(width, height)
    if side > most:
        return max(1, round(width * most / side)), max(1, round(height * most / side))
    factor = max(1, min(max(enlarge, -(-least // side)), MOST_ENLARGED // side))
    return width * factor, height * factor


def shown(picture: Image.Image, least: int, enlarge: int = 1, most: int = LARGEST) -> Image.Image:
    """A picture in the size in which it is shown: enlarged with sharp pixels, or reduced."""
    size = shown_size(*picture.size, least, enlarge, most)
    if size == picture.size:
        return picture
    larger = size[0] > picture.width
    return picture.resize(size, Image.Resampling.NEAREST if larger else Image.Resampling.LANCZOS)


def contact_sheet(title: str, note: str, columns: Sequence[str], rows: Sequence[Row], enlarge: int = 1) -> Image.Image:
    """Rows of pictures under column headings. Many rows stand in several groups side by side.

    Args:
        title: the largest text.
        note: what stands in the rows and columns, below the title.
        columns: their headings; empty ones take no place.
        rows: at least one, each with a picture for each column.
        enlarge: side of a pixel of the pictures in pixels of the sheet, at least; small pictures are enlarged anyway.

    Returns:
        An RGB image on white.
    """
    layout = _layout(columns, rows, enlarge)
    groups = _groups(len(columns), rows, layout.rows)
    large, small = ImageFont.load_default(TITLE), ImageFont.load_default(LABEL)
    pitch = layout.group + _gap(columns)
    width = len(groups) * pitch - _gap(columns)
    lines = _wrapped(note, small, max(width, 320))
    top = MARGIN + TITLE + 10 + len(lines) * (LABEL + 6) + 10
    height = top + layout.heading + layout.rows * (layout.cell[1] + GAP) - GAP
    title_width = math.ceil(large.getlength(title))
    widest = max(width, title_width, *(math.ceil(small.getlength(line)) for line in lines))
    page = Image.new("RGB", (widest + 2 * MARGIN, height + MARGIN), "white")
    draw = ImageDraw.Draw(page)
    draw.text((MARGIN, MARGIN), title, fill=INK, font=large)
    for number, line in enumerate(lines):
        draw.text((MARGIN, MARGIN + TITLE + 10 + number * (LABEL + 6)), line, fill=GREY, font=small)
    for number, group in enumerate(groups):
        _draw_group(page, (MARGIN + number * pitch, top), layout, columns, group, enlarge)
    return page


def _layout(columns: Sequence[str], rows: Sequence[Row], enlarge: int) -> _Layout:
    """The layout whose page comes nearest to the wanted shape."""
    sizes = [shown_size(*picture.size, CELL, enlarge) for row in rows for picture in row.pictures]
    small = ImageFont.load_default(LABEL)
    longest = max(small.getlength(_short(row.label)) for row in rows)
    labels = math.ceil(longest) + 8 if longest else 0
    headings = [ImageFont.load_default(HEADING).getlength(column) for column in columns]
    cell = (max(max(size[0] for size in sizes), math.ceil(max(headings))), max(size[1] for size in sizes))
    group = labels + len(columns) * (cell[0] + GAP) - GAP
    heading = HEADING + 8 if any(columns) else 0

    def distance(groups: int) -> float:
        width = groups * (group + _gap(columns))
        return abs(math.log(width / (heading + math.ceil(len(rows) / groups) * (cell[1] + GAP)) / SHAPE))

    groups = min(range(1, len(rows) + 1), key=distance)
    return _Layout(cell, labels, group, math.ceil(len(rows) / groups), heading)


def _gap(columns: Sequence[str]) -> int:
    """Between groups of columns; single columns make a plain grid."""
    return GROUP_GAP if len(columns) > 1 else 2 * GAP


def _groups(columns: int, rows: Sequence[Row], most: int) -> list[Sequence[Row]]:
    """The rows in groups of at most `most`: one after the other, or line by line where they make a plain grid."""
    count = math.ceil(len(rows) / most)
    if columns == 1:
        return [rows[number::count] for number in range(count)]
    return [rows[start : start + most] for start in range(0, len(rows), most)]


def _draw_group(
    page: Image.Image,
    place: tuple[int, int],
    layout: _Layout,
    columns: Sequence[str],
    rows: Sequence[Row],
    enlarge: int,
) -> None:
    """A group of rows with the headings above it, its upper left corner at `place`."""
    draw, (x, y) = ImageDraw.Draw(page), place
    heading, small = ImageFont.load_default(HEADING), ImageFont.load_default(LABEL)
    lefts = [x + layout.labels + number * (layout.cell[0] + GAP) for number in range(len(columns))]
    for left, column in zip(lefts, columns, strict=True):
        draw.text((left + layout.cell[0] // 2, y), column, fill=INK, font=heading, anchor="ma")
    for number, row in enumerate(rows):
        top = y + layout.heading + number * (layout.cell[1] + GAP)
        middle = top + layout.cell[1] // 2
        if row.label:
            draw.text((x + layout.labels - 8, middle), _short(row.label), fill=GREY, font=small, anchor="rm")
        for left, picture in zip(lefts, row.pictures, strict=True):
            drawn = shown(picture, CELL, enlarge)
            corner = left + (layout.cell[0] - drawn.width) // 2, top + (layout.cell[1] - drawn.height) // 2
            page.paste(drawn.convert("RGB"), corner)


def _short(label: str) -> str:
    """A label of at most 16 characters. The end is kept: the names of a camera's files differ there."""
    return label if len(label) <= LONGEST_LABEL else "..." + label[3 - LONGEST_LABEL :]


def _wrapped(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont, width: int) -> list[str]:
    """The text in lines no wider than `width` pixels, broken between words."""
    lines: list[str] = []
    for word in text.split():
        longer = f"{lines[-1]} {word}" if lines else word
        if lines and font.getlength(longer) <= width:
            lines[-1] = longer
        else:
            lines.append(word)
    return lines
