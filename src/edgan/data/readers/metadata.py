"""Images with a metadata.csv or metadata.jsonl: the Hugging Face imagefolder convention, `file_name` and attributes."""

from __future__ import annotations

import posixpath
import unicodedata

from edgan.data.listing import Listing
from edgan.data.readers.annotation import AnnotationError, left_out, visible
from edgan.data.readers.columns import LABEL, blank_label, read_columns
from edgan.data.readers.folder import file_bytes, split_by_folder
from edgan.data.readers.reader import Reader
from edgan.data.readers.table import Row, read_table
from edgan.data.tree import Tree

FILES = ("metadata.csv", "metadata.jsonl")
KEY = "file_name"


def recognises(tree: Tree) -> bool:
    """True when there is a metadata.csv or metadata.jsonl and an image."""
    return bool(tree.named(*FILES)) and bool(tree.images())


def read(tree: Tree) -> Listing:
    """The images that have a row. Columns of numbers become attributes, a column `label` the label.

    Numbers in [0, 1] stay, a column of -1 and 1 becomes 0 and 1. A column of text, or of numbers in another range, is
    not an attribute. A column of numbers with a few other cells is taken for a mistake, and asking for it is an error.
    An image whose label is blank is left out, unless most are.

    Raises:
        AnnotationError: a table cannot be read, contradicts itself, or names none of the images.
    """
    rows: dict[str, Row] = {}
    missing: list[str] = []
    notes: list[str] = []
    repeated: set[str] = set()
    for file in _tables(tree, notes):
        table = read_table(tree, file, (KEY,))
        repeated |= table.repeated
        _match(tree, file, table.rows, rows, missing)
    images = tree.images()
    if not any(name in rows for name in images):
        first = tree.named(*FILES)[0]
        named, there = visible(", ".join(missing[:3])) or "nothing", ", ".join(images[:3])
        raise AnnotationError(
            f"{tree.path / first} names none of the images: {named} there, {there} in the folder. File names are "
            "relative to the table's own folder."
        )
    skipped = left_out(missing, "named in the metadata, but missing")
    skipped += left_out([name for name in images if name not in rows], "the metadata has no row for it")
    names = [name for name in images if name in rows]
    unlabelled = [name for name in names if LABEL in rows[name].cells and blank_label(rows[name])]
    if 2 * len(unlabelled) <= len(names):
        skipped += left_out(unlabelled, "its label is blank")
        names = [name for name in names if name not in set(unlabelled)]
    listing = Listing(
        "metadata",
        names,
        file_bytes(tree, names),
        names,
        split=split_by_folder(names)[0],
        skipped=skipped,
        notes=notes,
    )
    read_columns(listing, tree.path, [rows[name] for name in names], repeated)
    return listing


def _tables(tree: Tree, notes: list[str]) -> list[str]:
    """The tables to read: of two in one folder, the .csv."""
    files = tree.named(*FILES)
    kept = [file for file in files if file.endswith(".csv") or f"{file.removesuffix('.jsonl')}.csv" not in files]
    for file in sorted(set(files) - set(kept)):
        notes.append(f"{tree.path / file} is not read, because there is a metadata.csv in the same folder. Keep one.")
    return kept


def _match(tree: Tree, file: str, table: list[Row], rows: dict[str, Row], missing: list[str]) -> None:
    """Put each row of a table under the name of its image in the tree."""
    by_basename: dict[str, list[str]] = {}
    for name in tree.images():
        by_basename.setdefault(posixpath.basename(name), []).append(name)
    for row in table:
        path = _relative(tree, file, row.name)
        same = by_basename.get(posixpath.basename(path), [])
        if path not in tree.stats and len(same) == 1:  # the table names the image without its folder
            path = same[0]
        if path not in tree.stats:
            missing.append(visible(row.name))
        elif path not in rows:
            rows[path] = row
        elif rows[path].cells != row.cells:
            raise AnnotationError(
                f"{tree.path}: {row.where}: {visible(row.name)} already has another row ({rows[path].where}). Keep one "
                "of them."
            )


def _relative(tree: Tree, file: str, name: str) -> str:
    """A file name of a table as a name in the tree; absolute paths into the tree are understood."""
    name = unicodedata.normalize("NFC", name.removeprefix("file://").replace("\\", "/"))  # as names of a Tree are
    for root in (tree.path.absolute().as_posix(), tree.path.resolve().as_posix()):
        if name.startswith(f"{root}/"):
            return posixpath.normpath(name.removeprefix(f"{root}/"))
    return posixpath.normpath(posixpath.join(posixpath.dirname(file), name))


READER = Reader("metadata", recognises, read)
