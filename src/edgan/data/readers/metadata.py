"""Images with a metadata.csv or metadata.jsonl: the Hugging Face imagefolder convention, `file_name` and attributes."""

from __future__ import annotations

import csv
import io
import json
import math
import posixpath
from typing import Any

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.folder import file_bytes, split_by_folder
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree
from edgan.errors import EdganError

FILES = ("metadata.csv", "metadata.jsonl")
KEY = "file_name"
LABEL = "label"
WORDS = {"true": 1.0, "false": 0.0}

Row = tuple[str, dict[str, Any]]  # "metadata.csv, line 7" and the cells


def recognises(tree: Tree) -> bool:
    """True when there is a metadata.csv or metadata.jsonl and an image."""
    return bool(tree.named(*FILES)) and bool(tree.images())


def read(tree: Tree) -> Listing:
    """The images that have a row. Columns of numbers become attributes, a column `label` the label.

    Numbers in [0, 1] stay, a column of -1 and 1 becomes 0 and 1. A column of text, or of numbers in another range, is
    not an attribute. A column of numbers with a few other cells is taken for a mistake, and using it is an error.
    """
    rows = _rows(tree)
    images = tree.images()
    names = [name for name in images if name in rows]
    skipped = [(name, f"named in {rows[name][0]}, but missing") for name in rows if name not in tree.stats]
    skipped += [(name, "the metadata has no row for it") for name in images if name not in rows]
    listing = Listing(
        "metadata", names, file_bytes(tree, names), names, split=split_by_folder(names)[0], skipped=skipped
    )
    kept = [rows[name] for name in names]
    values = []
    for column in dict.fromkeys(column for _, cells in kept for column in cells):
        if column == LABEL:
            listing.label, listing.label_names = _labels(kept)
            continue
        numbers = _column(listing, tree, column, kept)
        if numbers is not None:
            values.append(numbers)
            listing.attribute_names += (column,)
    if values:
        listing.attributes = np.stack(values, axis=1)
    return listing


def _rows(tree: Tree) -> dict[str, Row]:
    """Image name to where its row is and its other cells."""
    rows: dict[str, Row] = {}
    for file in tree.named(*FILES):
        parse = _csv if file.endswith(".csv") else _jsonl
        for number, cells in parse(tree, file):
            where = f"{file}, line {number}"
            name = cells.pop(KEY, None)
            if not isinstance(name, str) or not name:
                raise EdganError(
                    f"{tree.path / file}, line {number}: there is no {KEY!r}. Each row must name its image in a column "
                    f"{KEY!r}; this one has: {', '.join(map(str, cells)) or 'nothing'}."
                )
            path = posixpath.normpath(posixpath.join(posixpath.dirname(file), name.replace("\\", "/")))
            if path in rows:
                raise EdganError(f"{tree.path / file}, line {number}: {name} already has a row ({rows[path][0]}).")
            rows[path] = (where, cells)
    return rows


def _csv(tree: Tree, file: str) -> list[tuple[int, dict[str, Any]]]:
    table = csv.DictReader(io.StringIO(tree.text(file), newline=""), restkey="", restval="")
    try:
        columns = [(column or "").strip() for column in table.fieldnames or []]
        if KEY not in columns:
            raise EdganError(
                f"{tree.path / file} has no column {KEY!r}; its first line is: {', '.join(columns) or 'nothing'}. "
                f"Name the images' column {KEY!r}."
            )
        table.fieldnames = columns
        rows = []
        for cells in table:
            if "" in cells and "" not in columns:
                raise EdganError(f"{tree.path / file}, line {table.line_num}: more cells than columns.")
            rows.append((table.line_num, dict(cells)))
    except csv.Error as error:
        raise EdganError(f"{tree.path / file}, line {table.line_num}: not a CSV table ({error}).") from error
    return rows


def _jsonl(tree: Tree, file: str) -> list[tuple[int, dict[str, Any]]]:
    rows = []
    for number, line in enumerate(tree.text(file).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            cells = json.loads(line)
        except ValueError as error:
            raise EdganError(f"{tree.path / file}, line {number}: not JSON ({error}).") from error
        if not isinstance(cells, dict):
            raise EdganError(f"{tree.path / file}, line {number}: expected an object {{...}}, got {line[:40]}.")
        rows.append((number, cells))
    return rows


def _labels(rows: list[Row]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels and their names, in numeric order where all are numbers, otherwise in alphabetic order."""
    cells = [str(row.get(LABEL, "")).strip() for _, row in rows]
    whole = all(cell.isdigit() for cell in cells)
    label_names = tuple(sorted(set(cells), key=lambda cell: (int(cell) if whole else 0, cell)))
    places = {name: place for place, name in enumerate(label_names)}
    return np.array([places[cell] for cell in cells], dtype=np.int64), label_names


def _column(listing: Listing, tree: Tree, column: str, rows: list[Row]) -> np.ndarray | None:
    """(N,) float32 in [0, 1], or None with the reason noted in the listing."""
    numbers = [_number(cells.get(column)) for _, cells in rows]
    first = next((place for place, number in enumerate(numbers) if number is None), None)
    if first is not None:
        where, cells = rows[first]
        sentence = (
            f"{tree.path}: {where}, column {column!r}: {cells.get(column, '')!r} is not a number. "
            "An attribute needs a number from 0 to 1 (or -1 and 1) in every row."
        )
        mostly = sum(number is not None for number in numbers) * 2 > len(numbers)
        (listing.broken if mostly else listing.unused)[column] = sentence
        return None
    values = np.array(numbers, dtype=np.float32)
    if set(np.unique(values)) <= {-1.0, 1.0}:
        return (values + 1) / 2
    outside = np.flatnonzero((values < 0) | (values > 1))
    if outside.size:
        where, cells = rows[outside[0]]
        listing.unused[column] = (
            f"{tree.path}: {where}, column {column!r}: {cells[column]} is not from 0 to 1 (or -1 and 1). "
            "Scale the column into that range to use it as an attribute."
        )
        return None
    return values


def _number(cell: Any) -> float | None:
    if isinstance(cell, str):
        cell = WORDS.get(cell.strip().lower(), cell)
    try:
        number = float(cell)
    except (TypeError, ValueError):
        return None
    return number if math.isfinite(number) else None


READER = Reader("metadata", recognises, read)
