"""CelebA (Liu et al. 2015) as published, as Kaggle ships it (.csv), and CelebAMask-HQ (Lee et al. 2020).

img_align_celeba/, list_attr_celeba.txt and list_eval_partition.txt; the same lists as .csv; or CelebA-HQ-img/ and
CelebAMask-HQ-attribute-anno.txt, whose masks are not read.
"""

from __future__ import annotations

import math
import posixpath
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.annotation import AnnotationError, left_out, visible
from edgan.data.readers.folder import file_bytes
from edgan.data.readers.reader import Reader
from edgan.data.readers.table import read_table
from edgan.data.tree import Tree
from edgan.errors import EdganError

ATTRIBUTES = ("list_attr_celeba.txt", "list_attr_celeba.csv", "CelebAMask-HQ-attribute-anno.txt")
PARTITION = ("list_eval_partition.txt", "list_eval_partition.csv")
KEYS = ("image_id", "file_name", "filename")
MASKS = "CelebAMask-HQ-mask-anno/"
LEVELS = {"1": 1.0, "-1": 0.0, "": math.nan, "nan": math.nan}
"""Attributes as the lists write them; a value that is not known is a blank cell, or nan between spaces."""
SPLITS = {"0": "train", "1": "val", "2": "test"}


class _Lines(NamedTuple):
    """A list of attributes: the names of files and of attributes, (line, cells) by file, and what is odd in it."""

    files: list[str]
    names: tuple[str, ...]
    cells: list[tuple[str, list[str]]]
    note: str | None = None


def recognises(tree: Tree) -> bool:
    """True when one of the lists of attributes is there, at any depth."""
    return bool(tree.named(*ATTRIBUTES))


def read(tree: Tree) -> Listing:
    """The listed images with their attributes (-1/1 becomes 0/1) and their splits (0 train, 1 val, 2 test).

    Images are matched by name, or by stem where the list names another suffix.

    Raises:
        AnnotationError: there is no such list, it is damaged, or it names none of the images.
    """
    lists = sorted(tree.named(*ATTRIBUTES), key=lambda name: ATTRIBUTES.index(posixpath.basename(name)))
    if not lists:
        raise AnnotationError(f"{tree.path} has no {ATTRIBUTES[0]}. The CelebA layout needs it next to the images.")
    lines = _text_lines(tree, lists[0]) if lists[0].endswith(".txt") else _csv_lines(tree, lists[0])
    values = _values(tree.path / lists[0], lines)
    images, odd = _by_name(tree)
    keep = [row for row, file in enumerate(lines.files) if _image(images, file)]
    names = [_image(images, lines.files[row]) for row in keep]
    if not names:
        listed, there = visible(", ".join(lines.files[:2])), ", ".join(list(images)[:2])
        raise AnnotationError(
            f"{tree.path / lists[0]} names none of the images: {listed or 'nothing'} there, {there or 'none'} in the "
            "folder."
        )
    used = set(names)
    basename = posixpath.basename(lists[0])
    missing = [file for file in lines.files if not _image(images, file)]
    skipped = left_out(missing, f"listed in {basename}, but missing")
    skipped += left_out([path for path in images.values() if path not in used], f"not listed in {basename}")
    skipped += left_out(odd, "another image has the same name")
    notes = [] if lines.note is None else [lines.note]
    if any(MASKS in name for name in tree.images()):
        notes.append(f"The masks in {MASKS} are not read.")
    split = _splits(tree, [lines.files[row] for row in keep], notes)
    return Listing(
        "celeba",
        names,
        file_bytes(tree, names),
        names,
        attributes=values[keep],
        attribute_names=lines.names,
        split=split,
        skipped=skipped,
        notes=notes,
    )


def _by_name(tree: Tree) -> tuple[dict[str, str], list[str]]:
    """The images by their names without folders, and those whose name was taken."""
    images: dict[str, str] = {}
    odd = []
    for path in tree.images():
        if MASKS not in path and images.setdefault(posixpath.basename(path), path) != path:
            odd.append(path)
    stems: dict[str, str] = {}
    for path in images.values():
        stems.setdefault(posixpath.splitext(posixpath.basename(path))[0] + ".jpg", path)
    return {**images, **{stem: path for stem, path in stems.items() if stem not in images}}, odd


def _image(images: dict[str, str], file: str) -> str:
    return images.get(file, "")


def _text_lines(tree: Tree, name: str) -> _Lines:
    """A list as published: the number of images, the attributes' names, and a line for each image."""
    where = tree.path / name
    lines = [line.split() for line in _text(tree, name).split("\n")]
    while lines and not lines[-1]:
        lines.pop()
    if len(lines) < 3 or len(lines[0]) != 1 or not lines[0][0].isdecimal():
        raise AnnotationError(
            f"{where} is not CelebA's: line 1 must hold the number of images and line 2 the attributes' names."
        )
    names, note = tuple(lines[1]), None
    if names and names[0].lower() in KEYS and len(lines[2]) == len(names):
        note = f"Line 2 of {where} names the column of files too ({names[0]!r}); it is not taken for an attribute."
        names = names[1:]
    rows = [(f"line {number}", line[0], line[1:]) for number, line in enumerate(lines[2:], start=3) if line]
    return _Lines([file for _, file, _ in rows], names, [(line, cells) for line, _, cells in rows], note)


def _csv_lines(tree: Tree, name: str) -> _Lines:
    table = read_table(tree, name, KEYS)
    if table.repeated:
        raise AnnotationError(f"{tree.path / name} has the column {min(table.repeated)!r} more than once.")
    names = tuple(table.rows[0].cells) if table.rows else ()
    cells = [(row.where.rpartition(", ")[2], [str(cell) for cell in row.cells.values()]) for row in table.rows]
    return _Lines([row.name for row in table.rows], names, cells)


def _values(where: object, lines: _Lines) -> np.ndarray:
    """(N, A) float32 of 0 and 1, NaN where a value is not known."""
    if not lines.names or len(set(lines.names)) < len(lines.names):
        raise AnnotationError(f"{where} must name each attribute once, and at least one.")
    values = np.empty((len(lines.files), len(lines.names)), dtype=np.float32)
    for row, (line, cells) in enumerate(lines.cells):
        if len(cells) != len(lines.names):
            raise AnnotationError(
                f"{where}, {line}: {len(cells)} values for {len(lines.names)} attributes. Copy the file again; it may "
                "be cut short."
            )
        for column, cell in zip(lines.names, cells, strict=True):
            if cell not in LEVELS:
                raise AnnotationError(f"{where}, {line}, column {column!r}: '{visible(cell)}' is not 1 or -1.")
        values[row] = [LEVELS[cell] for cell in cells]
    return values


def _splits(tree: Tree, files: Sequence[str], notes: list[str]) -> np.ndarray | None:
    """The published splits of these files; None, with a note, where their list cannot be used."""
    lists = tree.named(*PARTITION)
    if not lists:
        return None
    try:
        if lists[0].endswith(".csv"):
            rows = read_table(tree, lists[0], KEYS).rows
            given = {row.name: str(next(iter(row.cells.values()), "")) for row in rows}
        else:
            lines = [line.split() for line in _text(tree, lists[0]).split("\n")]
            given = {line[0]: line[1] for line in lines if len(line) >= 2}
        wrong = next((file for file in files if given.get(file, "0") not in SPLITS), None)
        if wrong is not None:
            raise AnnotationError(
                f"{tree.path / lists[0]}: the split of {wrong} is '{visible(given[wrong])}'; it must be 0, 1 or 2."
            )
    except AnnotationError as error:
        notes.append(f"{error} The published splits are not used.")
        return None
    return np.array([SPLITS[given[file]] if file in given else "" for file in files], dtype="<U5")


def _text(tree: Tree, name: str) -> str:
    try:
        return tree.text(name)
    except EdganError as error:
        raise AnnotationError(str(error)) from error


READER = Reader("celeba", recognises, read)
