"""Columns of a table as attributes and labels."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from typing import Any, overload

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.annotation import visible
from edgan.data.readers.table import Row

LABEL = "label"
WORDS = {"true": 1.0, "false": 0.0}
WHOLE = re.compile(r"-?[0-9]{1,15}(\.0*)?")


class ColumnRows(Sequence[Row]):
    """Columns seen as the rows of a table, each made when it is asked for."""

    def __init__(self, names: Sequence[str], columns: dict[str, list[Any]]) -> None:
        self._names, self.columns = names, columns

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        name = self._names[place]
        return Row(name, name, {column: cells[place] for column, cells in self.columns.items()})


def read_columns(listing: Listing, path: object, rows: Sequence[Row], repeated: Iterable[str]) -> None:
    """Fill in a listing's attributes and labels from its rows.

    A column of numbers becomes an attribute and the column `label` the label. What cannot be used is noted in
    `listing.broken` and `listing.unused`, with the cell that is in the way.

    Args:
        listing: of the images of `rows`, in their order.
        path: of the data set, for messages.
        rows: one for each image.
        repeated: columns that occur more than once in their table.
    """
    repeated = set(repeated)
    values = []
    for column in dict.fromkeys(column for row in rows for column in row.cells):
        if column in repeated:
            listing.broken[column] = (
                f"{path}: {rows[0].where.partition(',')[0]} has the column {column!r} more than once. Keep one of them."
            )
        elif column == LABEL:
            _read_label(listing, path, rows)
        else:
            numbers = _numbers(listing, path, column, rows)
            if numbers is not None:
                values.append(numbers)
                listing.attribute_names += (column,)
    if values:
        listing.attributes = np.stack(values, axis=1)


def blank_label(row: Row) -> bool:
    """Whether the row has no label."""
    return blank(row.cells.get(LABEL))


def blank(cell: Any) -> bool:
    """Whether a cell holds nothing: empty, null, or the "nan" that some tools write for it."""
    return cell is None or (isinstance(cell, str) and cell.lower() in ("", "nan")) or cell != cell


def _read_label(listing: Listing, path: object, rows: Sequence[Row]) -> None:
    """Classes in numeric order where all are numbers, otherwise in alphabetic order."""
    if any(blank_label(row) for row in rows):
        listing.unused[LABEL] = (
            f"{path}: most cells of the column {LABEL!r} are blank, the first one in "
            f"{next(row.where for row in rows if blank_label(row))}. Give each image its class to use them."
        )
        return
    cells = [row.cells[LABEL] for row in rows]
    names = [cell if isinstance(cell, str) else str(cell) for cell in cells]
    fraction = next((place for place, name in enumerate(names) if _is_fraction(name)), None)
    shapeless = next((place for place, cell in enumerate(cells) if isinstance(cell, list | dict)), None)
    wrong = fraction if shapeless is None else shapeless
    if wrong is not None:
        listing.unused[LABEL] = (
            f"{path}: {rows[wrong].where}, column {LABEL!r}: '{visible(names[wrong])}' is not the name of a class. "
            "Rename a column of measurements, so that it is read as an attribute."
        )
        return
    if all(WHOLE.fullmatch(name) for name in names):
        names = [str(int(name.partition(".")[0])) for name in names]
        order = sorted(set(names), key=int)
    else:
        order = sorted(set(names))
    places = {name: place for place, name in enumerate(order)}
    listing.label, listing.label_names = np.array([places[name] for name in names], dtype=np.int64), tuple(order)


def _is_fraction(name: str) -> bool:
    number = as_number(name) if re.fullmatch(r"[-+.0-9eE]+", name) else None
    return number is not None and not WHOLE.fullmatch(name) and number != int(number)


def _numbers(listing: Listing, path: object, column: str, rows: Sequence[Row]) -> np.ndarray | None:
    """(N,) float32 in [0, 1], NaN where a cell is blank; or None with the reason noted in the listing."""
    cells = [row.cells.get(column) for row in rows]
    numbers = [math.nan if blank(cell) else as_number(cell) for cell in cells]
    if all(map(blank, cells)):
        listing.unused[column] = f"{path}: {rows[0].where.partition(',')[0]}, column {column!r}: every cell is blank."
        return None
    first = next((place for place, number in enumerate(numbers) if number is None), None)
    if first is not None:
        cell = visible(rows[first].cells.get(column, ""))
        sentence = (
            f"{path}: {rows[first].where}, column {column!r}: '{cell}' is not a number. "
            "An attribute is a number from 0 to 1 (or -1 and 1); a cell may be blank."
        )
        mostly = sum(number is not None for number in numbers) * 2 > len(numbers)
        (listing.broken if mostly else listing.unused)[column] = sentence
        return None
    values = np.array(numbers, dtype=np.float64)
    if np.isnan(values).any():
        listing.blanks[column] = rows[int(np.isnan(values).argmax())].where
    levels = set(np.unique(values[~np.isnan(values)]))
    if levels <= {-1.0, 1.0}:
        return ((values + 1) / 2).astype(np.float32)
    outside = np.flatnonzero((values < 0) | (values > 1))
    if not outside.size:
        return values.astype(np.float32)
    where, cell = rows[outside[0]].where, visible(rows[outside[0]].cells[column])
    listing.unused[column] = f"{path}: {where}, column {column!r}: {cell} is not from 0 to 1 (or -1 and 1). " + (
        "The column holds -1, 0 and 1: where 0 means unknown, write -1 or 1 or leave the row out; where it is the "
        "middle of a scale, write (value + 1) / 2."
        if levels == {-1.0, 0.0, 1.0}
        else "Scale the column into that range to use it as an attribute."
    )
    return None


def as_number(cell: Any) -> float | None:
    """The number in a cell; None where it holds none, or an infinite one."""
    if isinstance(cell, str):
        cell = WORDS.get(cell.lower(), cell.replace(",", "."))  # tables separated by semicolons write 0,5
    try:
        number = float(cell)
    except (TypeError, ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
