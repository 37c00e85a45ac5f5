"""Tables of annotations, .csv and .jsonl, as rows: which image, which cells, and where they stand."""

from __future__ import annotations

import csv
import io
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from edgan.data.readers.annotation import AnnotationError, visible
from edgan.data.tree import Tree
from edgan.errors import EdganError

DELIMITERS = (",", ";", "\t")
INDEX_COLUMN = re.compile(r"(Unnamed: ?\d+)?")  # as pandas writes and reads back a table's index


class Row(NamedTuple):
    """One image's row: where it stands ("metadata.csv, line 7"), the name in the key column, and the other cells."""

    where: str
    name: str
    cells: dict[str, Any]


@dataclass
class Table:
    """The rows of a file, in its order, and the names of columns that occur more than once."""

    rows: list[Row] = field(default_factory=list)
    repeated: set[str] = field(default_factory=set)


def read_table(tree: Tree, file: str, keys: Sequence[str]) -> Table:
    """The rows of a .csv (separated by commas, semicolons or tabs) or a .jsonl.

    Spaces around cells and column names do not count; a column without a name is passed over.

    Args:
        tree: the files.
        file: a name in the tree.
        keys: names that the column of file names may have.

    Raises:
        AnnotationError: it cannot be read, is no such table, or a row does not name its image.
    """
    try:
        text = tree.text(file)
    except EdganError as error:
        raise AnnotationError(str(error)) from error
    table = Table()
    where = tree.path / file
    records = _json_lines(text, str(where)) if file.endswith(".jsonl") else _csv_lines(text, str(where), keys)
    for number, record in records:
        table.repeated |= {name for name, count in Counter(name for name, _ in record).items() if count > 1}
        cells = {name: value for name, value in record if not INDEX_COLUMN.fullmatch(name)}
        key = next((key for key in keys if key in cells), keys[0])
        if key in table.repeated:
            raise AnnotationError(f"{where} has the column {key!r} more than once. Keep one of them.")
        name = cells.pop(key, None)
        if not isinstance(name, str) or not name:
            raise AnnotationError(
                f"{where}, line {number}: there is no {key!r}. Each row must name its image in a column {key!r}; this "
                f"one has: {visible(', '.join(cells)) or 'nothing'}."
            )
        table.rows.append(Row(f"{file}, line {number}", name, cells))
    return table


def _csv_lines(text: str, where: str, keys: Sequence[str]) -> list[tuple[int, list[tuple[str, Any]]]]:
    delimiter = next((mark for mark in DELIMITERS if set(_first_line(text, mark)) & set(keys)), None)
    if delimiter is None:
        columns = _first_line(text, ",")
        raise AnnotationError(
            f"{where} has no column {keys[0]!r}; its first line is: {visible(', '.join(columns)) or 'nothing'}. "
            f"Name the images' column {keys[0]!r}."
        )
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    try:
        columns = [column.strip() for column in next(reader)]
        lines = []
        for cells in reader:
            cells = [cell.strip() for cell in cells]
            if not any(cells):
                continue
            if any(cells[len(columns) :]):
                raise AnnotationError(f"{where}, line {reader.line_num}: more cells than columns.")
            cells += [""] * (len(columns) - len(cells))
            lines.append((reader.line_num, list(zip(columns, cells, strict=False))))
    except csv.Error as error:
        raise AnnotationError(f"{where}, line {reader.line_num}: not a CSV table ({error}).") from error
    return lines


def _first_line(text: str, delimiter: str) -> list[str]:
    try:
        return [column.strip() for column in next(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter), [])]
    except csv.Error:
        return []


def _json_lines(text: str, where: str) -> list[tuple[int, list[tuple[str, Any]]]]:
    lines = []
    for number, line in enumerate(text.split("\n"), start=1):  # U+2028 and U+0085 do not end a line in JSON
        if not line.strip():
            continue
        try:
            record = json.loads(line, object_pairs_hook=_Pairs)
        except (ValueError, RecursionError) as error:
            raise AnnotationError(f"{where}, line {number}: not JSON ({error}).") from error
        if not isinstance(record, _Pairs):
            raise AnnotationError(f"{where}, line {number}: expected an object {{...}}, got {visible(line, 40)}.")
        lines.append((number, [(name.strip(), _stripped(value)) for name, value in record]))
    return lines


class _Pairs(list[tuple[str, Any]]):
    """An object of JSON with the names that occur twice."""


def _stripped(value: Any) -> Any:
    return value.strip() if isinstance(value, str) else value
