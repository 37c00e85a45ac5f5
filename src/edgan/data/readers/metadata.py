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
from edgan.data.readers.folder import reader, split_by_folder
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
    no attribute; one that is numbers but for some cells is a mistake, and using it is an error.
    """
    rows = _rows(tree)
    images = tree.images()
    names = [name for name in images if name in rows]
    skipped = [(name, f"named in {rows[name][0]}, but not there") for name in rows if name not in tree.stats]
    skipped += [(name, "no row names it in the metadata") for name in images if name not in rows]
    listing = Listing("metadata", names, reader(tree, names), names, split=split_by_folder(names)[0], skipped=skipped)
    kept = [rows[name] for name in names]
    values = []
    for column in dict.fromkeys(column for _, cells in kept for column in cells):
        if column == LABEL:
            listing.label, listing.label_names = _labels(kept)
            continue
        found = _column(listing, tree, column, kept)
        if found is not None:
            values.append(found)
            listing.attribute_names += (column,)
    if values:
        listing.attributes = np.stack(values, axis=1)
    return listing


def _rows(tree: Tree) -> dict[str, Row]:
    """Image name -> where its row is and what it holds, without `file_name`."""
    rows: dict[str, Row] = {}
    for file in tree.named(*FILES):
        parse = _csv if file.endswith(".csv") else _jsonl
        for number, cells in parse(tree, file):
            where = f"{file}, line {number}"
            name = cells.pop(KEY, None)
            if not isinstance(name, str) or not name:
                raise EdganError(
                    f"{tree.path / file}, line {number}: there is no {KEY!r}. Each row names its image in a column "
                    f"{KEY!r}; found: {', '.join(map(str, cells)) or 'nothing'}."
                )
            path = posixpath.normpath(posixpath.join(posixpath.dirname(file), name.replace("\\", "/")))
            if path in rows:
                raise EdganError(f"{tree.path / file}, line {number}: {name} has a row already ({rows[path][0]}).")
            rows[path] = (where, cells)
    return rows


def _csv(tree: Tree, file: str) -> list[tuple[int, dict[str, Any]]]:
    table = csv.DictReader(io.StringIO(tree.text(file), newline=""), restkey="", restval="")
    try:
        columns = [(column or "").strip() for column in table.fieldnames or []]
        if KEY not in columns:
            raise EdganError(
                f"{tree.path / file} has no column {KEY!r}; its first line reads: {', '.join(columns) or 'nothing'}. "
                f"Name the images' column {KEY!r}."
            )
        table.fieldnames = columns
        found = []
        for cells in table:
            if "" in cells and "" not in columns:
                raise EdganError(f"{tree.path / file}, line {table.line_num}: more cells than there are columns.")
            found.append((table.line_num, dict(cells)))
    except csv.Error as error:
        raise EdganError(f"{tree.path / file}, line {table.line_num}: not a table ({error}).") from error
    return found


def _jsonl(tree: Tree, file: str) -> list[tuple[int, dict[str, Any]]]:
    found = []
    for number, line in enumerate(tree.text(file).splitlines(), start=1):
        if not line.strip():
            continue
        try:
            cells = json.loads(line)
        except ValueError as error:
            raise EdganError(f"{tree.path / file}, line {number}: not JSON ({error}).") from error
        if not isinstance(cells, dict):
            raise EdganError(f"{tree.path / file}, line {number}: not an object {{...}} but {line[:40]}.")
        found.append((number, cells))
    return found


def _labels(rows: list[Row]) -> tuple[np.ndarray, tuple[str, ...]]:
    """Labels and their names: numbers in their order, else names in theirs."""
    cells = [str(row.get(LABEL, "")).strip() for _, row in rows]
    whole = all(cell.isdigit() for cell in cells)
    label_names = tuple(sorted(set(cells), key=lambda cell: (int(cell) if whole else 0, cell)))
    places = {name: place for place, name in enumerate(label_names)}
    return np.array([places[cell] for cell in cells], dtype=np.int64), label_names


def _column(listing: Listing, tree: Tree, column: str, rows: list[Row]) -> np.ndarray | None:
    """(N,) float32 in [0, 1], or None with the reason noted in the listing."""
    numbers = [_number(cells.get(column)) for _, cells in rows]
    odd = next((place for place, number in enumerate(numbers) if number is None), None)
    if odd is not None:
        where, cells = rows[odd]
        sentence = (
            f"{tree.path}: {where}, column {column!r}: {cells.get(column, '')!r} is not a number. "
            "An attribute has a number from 0 to 1 (or -1 and 1) in every row."
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
