"""Hugging Face datasets: .arrow files as `save_to_disk` writes them, and .parquet files with a column of images."""

from __future__ import annotations

import json
import posixpath
import sys
from array import array
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from edgan.data.containers import TABLE_SUFFIXES
from edgan.data.files import ContentError
from edgan.data.listing import Listing
from edgan.data.readers.annotation import left_out, visible
from edgan.data.readers.arrow_tables import CELL_ROWS, Images, Table, require_pyarrow
from edgan.data.readers.columns import LABEL, ColumnRows, blank, read_columns
from edgan.data.readers.folder import split_by_folder, split_by_word
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree
from edgan.data.turns import charge
from edgan.errors import EdganError

KIND = "huggingface"
STATE = "state.json"
FILES = (STATE, "dataset_info.json", "dataset_dict.json")
"""What the package datasets writes beside its tables."""
IMAGE_COLUMNS = ("image", "img")


def recognises(tree: Tree) -> bool:
    """True when there are .arrow or .parquet files and no images beside them."""
    return bool(tables_in(tree)) and not tree.images()


def tables_in(tree: Tree) -> list[str]:
    """The names of the tables, in name order; those inside a .zip are not read.

    A state.json in a folder lists the tables of its set: others there are intermediate results of the package datasets.
    """
    if not tree.on_disk:
        return []
    names = [name for name in tree.stats if name.lower().endswith(TABLE_SUFFIXES)]
    listed = {posixpath.dirname(name): _listed(tree, name) for name in tree.named(STATE)}
    own = [(name, listed.get(posixpath.dirname(name))) for name in names]
    return [name for name, files in own if not files or posixpath.basename(name) in files]


def read(tree: Tree) -> Listing:
    """Every row, in the order of the tables; its name is TABLE/ROW.

    The images are in the column `image` or `img`, or in the only one that holds encoded images. The label is the
    column `label`, or else the first whose classes the file names. Other columns of numbers are attributes. A row
    without a label is left out, unless most have none.

    Raises:
        EdganError: the package pyarrow is not installed.
    """
    require_pyarrow(tree.path)
    rows = _RowsOfTables(tree)
    rows.drop_unlabelled()
    names, images, file, row = rows.names(), Images(rows.tables), rows.file, rows.row

    def image(position: int) -> tuple[bytes, ...]:
        data = images.read(int(file[position]), int(row[position]))
        charge(len(data))
        return (data,)

    split = split_by_folder(_below_common_folder(names, rows.files))[0]
    if split is None:
        split = split_by_word(rows.files, file)
    listing = Listing(KIND, names, image, rows.files, split=split, skipped=rows.skipped, unused=rows.unused)
    columns = rows.columns
    if rows.classes and names and not any(map(blank, columns[LABEL])):
        listing.label = np.array(columns.pop(LABEL), dtype=np.int64)
        listing.label_names = tuple(rows.classes)
    if columns and names:
        read_columns(listing, tree.path, ColumnRows(names, columns), ())
    return listing


class _RowsOfTables:
    """The rows of all tables: where each lies, and its cells.

    Attributes:
        files: names of the tables that are read.
        tables: each with the name of its column of images.
        file, row: (N,) the place of each row: which table, and where in it.
        columns: name to a cell for each row; the label is under `label`, of a column of classes as a number.
        classes: the names of the label's classes, where the tables hold them.
        skipped: (file, reason) for what is not used.
        unused: name to reason for columns that are neither image, label nor attribute.
    """

    def __init__(self, tree: Tree) -> None:
        self.files: list[str] = []
        self.tables: list[tuple[Table, str]] = []
        self.columns: dict[str, list[Any]] = {}
        self.classes: list[str] = []
        self.skipped: list[tuple[str, str]] = []
        self.unused: dict[str, str] = {}
        self._path, self._label = tree.path, ""
        self._count = 0
        file, row = array("q"), array("q")
        for name in tables_in(tree):
            try:
                count = self._add(name, Table(tree.place(name)))
            except OSError as error:
                self.skipped.append((name, error.strerror or str(error)))
                continue
            file.extend([len(self.files) - 1] * count)
            row.extend(range(count))
        self.file, self.row = np.array(file, np.int64), np.array(row, np.int64)
        for column, cells in self.columns.items():
            cells += [None] * (self._count - len(cells))
            self.unused.pop(column, None)

    def names(self) -> list[str]:
        """A unique name for each row."""
        return [f"{self.files[file]}/{row}" for file, row in zip(self.file.tolist(), self.row.tolist(), strict=True)]

    def drop_unlabelled(self) -> None:
        """Leave out the rows without a label where most have one."""
        labels = self.columns.get(LABEL, [])
        unlabelled = np.array([blank(cell) for cell in labels], dtype=bool)
        if not 0 < 2 * unlabelled.sum() <= len(labels):
            return
        names, keep = self.names(), np.flatnonzero(~unlabelled)
        self.skipped += left_out([names[place] for place in np.flatnonzero(unlabelled)], "it has no label")
        self.file, self.row = self.file[keep], self.row[keep]
        self.columns = {column: [cells[place] for place in keep] for column, cells in self.columns.items()}

    def _add(self, name: str, table: Table) -> int:
        """Take a table and return the number of its rows. Raises: as `Table.batches`."""
        images = _image_column(table)
        if not self._label:
            self._label = LABEL if LABEL in table.types else next(iter(table.classes), "")
        classes = table.classes.get(self._label, [])
        if classes and self.classes not in ([], classes):
            raise ContentError(f"the classes of its column {self._label!r} differ from those of the tables before it")
        count = table.count()
        plain = [column for column in table.types if column != images and self._is_plain(column, table)]
        found: dict[str, list[Any]] = {column: [] for column in plain}
        for batch in table.batches(plain, CELL_ROWS) if plain else ():
            for column, cells in zip(batch.schema.names, batch.columns, strict=True):
                found[column] += cells.to_pylist()
        self.classes = classes or self.classes
        self.files.append(name)
        self.tables.append((table, images))
        for column, cells in found.items():
            if column == self._label:
                column, cells = LABEL, _label_cells(cells, classes)
            kept = self.columns.setdefault(column, [])
            kept += [None] * (self._count - len(kept))
            kept += cells
        self._count += count
        return count

    def _is_plain(self, column: str, table: Table) -> bool:
        """Whether a column can be the label or an attribute; otherwise the reason is noted."""
        import pyarrow.types as types

        kind = table.types[column]
        value = kind.value_type if types.is_dictionary(kind) else kind
        text = types.is_string(value) or types.is_large_string(value)
        if column == self._label and (text or types.is_integer(value) or types.is_boolean(value)):
            return True
        if types.is_integer(kind) or types.is_floating(kind) or types.is_boolean(kind):
            return True
        holds = "text" if text else "images" if _holds_images(kind) else f"values of the type {visible(kind)}"
        self.unused[column] = (
            f"{self._path}: the column {column!r} holds {holds}. An attribute is a number from 0 to 1 (or -1 and 1)."
        )
        return False


def _image_column(table: Table) -> str:
    """The name of the column of images.

    Raises:
        ContentError: there is none, or there are several and none is named image or img.
    """
    held = [column for column, kind in table.types.items() if _holds_images(kind)]
    chosen = [column for column in IMAGE_COLUMNS if column in held] or held
    if not chosen:
        listed = visible(", ".join(table.types)) or "none"
        raise ContentError(f"it has no column of encoded images, only these columns: {listed}")
    if len(chosen) > 1 and chosen[0] not in IMAGE_COLUMNS:
        raise ContentError(
            f"it has several columns of images ({visible(', '.join(held))}); name the one to use 'image'"
        )
    return chosen[0]


def _holds_images(kind: Any) -> bool:
    """Whether an Arrow type is that of encoded images: bytes, or a record with the field `bytes`."""
    import pyarrow.types as types

    if types.is_struct(kind):
        place = kind.get_field_index("bytes")
        return place >= 0 and _holds_images(kind[place].type) and not types.is_struct(kind[place].type)
    return types.is_binary(kind) or types.is_large_binary(kind)


def _label_cells(cells: Iterable[Any], classes: Sequence[str]) -> list[Any]:
    """Labels as they are kept: each text once, and a number that is no class, such as -1, as missing."""
    if classes:
        return [cell if isinstance(cell, int) and 0 <= cell < len(classes) else None for cell in cells]
    return [sys.intern(cell) if isinstance(cell, str) else cell for cell in cells]


def _below_common_folder(names: list[str], files: Sequence[str]) -> list[str]:
    """The names without the folders that all files share, as default/ in default/train/0000.parquet."""
    common = posixpath.commonpath([posixpath.dirname(file) for file in files]) if files else ""
    return [name.removeprefix(f"{common}/") for name in names] if common else names


def _listed(tree: Tree, name: str) -> set[str]:
    """The tables that a state.json lists; none where it is not one of the package datasets."""
    try:
        return {str(entry["filename"]) for entry in json.loads(tree.text(name))["_data_files"]}
    except (EdganError, ValueError, KeyError, TypeError, RecursionError):
        return set()


READER = Reader(KIND, recognises, read)
