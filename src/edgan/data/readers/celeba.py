"""CelebA (Liu et al. 2015) as published: img_align_celeba/, list_attr_celeba.txt and list_eval_partition.txt."""

from __future__ import annotations

import posixpath

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.folder import file_bytes
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree
from edgan.errors import EdganError

ATTRIBUTES = "list_attr_celeba.txt"
PARTITION = "list_eval_partition.txt"
SPLITS = {"0": "train", "1": "val", "2": "test"}


def recognises(tree: Tree) -> bool:
    """True when there is a list_attr_celeba.txt at any depth."""
    return bool(tree.named(ATTRIBUTES))


def read(tree: Tree) -> Listing:
    """The listed images with their attributes (-1/1 becomes 0/1) and their splits (0 train, 1 val, 2 test)."""
    lists = tree.named(ATTRIBUTES)
    if not lists:
        raise EdganError(f"{tree.path} has no {ATTRIBUTES}. The CelebA layout needs it next to img_align_celeba/.")
    listed, attribute_names, values = _attributes(tree, lists[0])
    images = {posixpath.basename(name): name for name in tree.images()}
    keep = [row for row, name in enumerate(listed) if name in images]
    names = [images[listed[row]] for row in keep]
    known = set(listed)
    skipped = [(name, f"listed in {ATTRIBUTES}, but missing") for name in listed if name not in images]
    skipped += [(path, f"not listed in {ATTRIBUTES}") for name, path in images.items() if name not in known]
    return Listing(
        "celeba",
        names,
        file_bytes(tree, names),
        names,
        attributes=values[keep],
        attribute_names=attribute_names,
        split=_splits(tree, [listed[row] for row in keep]),
        skipped=skipped,
    )


def _attributes(tree: Tree, name: str) -> tuple[list[str], tuple[str, ...], np.ndarray]:
    """File names (N), attribute names (A) and values (N, A) float32 of 0 and 1."""
    lines = tree.text(name).splitlines()
    where = tree.path / name
    if len(lines) < 3 or not lines[0].strip().isdigit():
        raise EdganError(
            f"{where} is not CelebA's: line 1 must hold the number of images and line 2 the attributes' names."
        )
    attribute_names = tuple(lines[1].split())
    files, values = [], np.empty((len(lines) - 2, len(attribute_names)), dtype=np.float32)
    for number, line in enumerate(lines[2:], start=3):
        file, *cells = line.split() or [""]
        if not file and number == len(lines):
            break
        if len(cells) != len(attribute_names):
            raise EdganError(
                f"{where}, line {number}: {len(cells)} values for {len(attribute_names)} attributes. "
                "Copy the file again; it may be cut short."
            )
        if not set(cells) <= {"1", "-1"}:
            column, cell = next((c, v) for c, v in zip(attribute_names, cells, strict=True) if v not in ("1", "-1"))
            raise EdganError(f"{where}, line {number}, column {column!r}: {cell!r} is not 1 or -1.")
        values[number - 3] = [cell == "1" for cell in cells]
        files.append(file)
    return files, attribute_names, values[: len(files)]


def _splits(tree: Tree, files: list[str]) -> np.ndarray | None:
    lists = tree.named(PARTITION)
    if not lists:
        return None
    given = dict(line.split()[:2] for line in tree.text(lists[0]).splitlines() if len(line.split()) >= 2)
    wrong = next((file for file in files if given.get(file, "0") not in SPLITS), None)
    if wrong is not None:
        raise EdganError(f"{tree.path / lists[0]}: the split of {wrong} is {given[wrong]!r}; it must be 0, 1 or 2.")
    return np.array([SPLITS[given[file]] if file in given else "" for file in files], dtype="<U5")


READER = Reader("celeba", recognises, read)
