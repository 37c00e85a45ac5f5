"""Pairs in one file: the image on the left, its source on the right (Facades, edges2shoes, ...)."""

from __future__ import annotations

import numpy as np

from edgan.data import decode
from edgan.data.listing import Listing, Pairing
from edgan.data.readers.folder import file_bytes, split_by_folder
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree

SAMPLED = 1000


def recognises(tree: Tree) -> bool:
    """True when the images lie directly in train/, val/ and test/ and each is exactly twice as wide as high.

    Wide photographs are common, but not with 2:1 in every file of a split set. Pairs in other shapes or without splits
    are opened with layout="side-by-side".
    """
    split, inner = split_by_folder(tree.images())
    return split is not None and not any("/" in name for name in inner) and all_twice_as_wide(tree)


def all_twice_as_wide(tree: Tree) -> bool:
    """True when every readable image is exactly twice as wide as high; checks at most 1000 evenly spaced ones."""
    names = tree.images()
    places = np.unique(np.linspace(0, len(names) - 1, min(len(names), SAMPLED)).astype(int))
    readable = 0
    for place in places:
        shape = _shape(tree, names[place])
        if shape is not None and shape[0] != 2 * shape[1]:
            return False
        readable += shape is not None
    return readable > 0


def read(tree: Tree) -> Listing:
    """The left half of each file is the image, the right half its source, as pix2pix ships them (photo | labels)."""
    names = tree.images()
    split, _ = split_by_folder(names)
    return Listing("side-by-side", names, file_bytes(tree, names), names, Pairing.HALVES, grey=False, split=split)


def _shape(tree: Tree, name: str) -> tuple[int, int] | None:
    """(width, height), or None for a damaged file."""
    try:
        try:
            return decode.header(tree.head(name))[0]
        except decode.UndecodableError:  # a header longer than the head, as large EXIF blocks make it
            return decode.header(tree.read(name))[0]
    except (decode.UndecodableError, OSError):
        return None


READER = Reader("side-by-side", recognises, read, recognises_pairs=all_twice_as_wide)
