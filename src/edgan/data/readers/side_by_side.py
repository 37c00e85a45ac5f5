"""Pairs in one file: the image on the left, its source on the right (Facades), or the other way round (edges2shoes)."""

from __future__ import annotations

import numpy as np

from edgan.data import decode
from edgan.data.listing import Listing, Pairing
from edgan.data.readers.annotation import left_out
from edgan.data.readers.folder import few, file_bytes, split_by_folder
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree

SAMPLED = 1000


def recognises(tree: Tree) -> bool:
    """True when the images lie directly in train/, val/ and test/ and are exactly twice as wide as high, but for a few.

    Wide photographs are common, but not with 2:1 in the files of a split set. Pairs in other shapes or without splits
    are opened with layout="side-by-side".
    """
    split, inner = split_by_folder(tree.images())
    if split is None or any("/" in name for name in inner):
        return False
    names = tree.images()
    places = np.unique(np.linspace(0, len(names) - 1, min(len(names), SAMPLED)).astype(int))
    others, readable = 0, 0
    for place in places:  # up to the first images that decide, so that other sets cost little
        wide = _twice_as_wide(tree, names[place])
        readable, others = readable + (wide is not None), others + (wide is False)
        if not few(others, len(places)):
            return False
    return readable > others


def all_twice_as_wide(tree: Tree) -> bool:
    """True when every readable image is exactly twice as wide as high; checks at most 1000 evenly spaced ones."""
    names = tree.images()
    places = np.unique(np.linspace(0, len(names) - 1, min(len(names), SAMPLED)).astype(int))
    readable = 0
    for place in places:
        wide = _twice_as_wide(tree, names[place])
        if wide is False:
            return False
        readable += wide is not None
    return readable > 0


def read(tree: Tree) -> Listing:
    """The left half of each file is the image, the right half its source, as pix2pix ships them (photo | labels).

    Of a set that is recognised by its shapes, an image of another shape is left out.
    """
    names = tree.images()
    skipped: list[tuple[str, str]] = []
    if len(names) <= SAMPLED and recognises(tree):
        odd = [name for name in names if _twice_as_wide(tree, name) is False]
        skipped = left_out(odd, "not exactly twice as wide as high, as the other pairs are")
        names = [name for name in names if name not in set(odd)]
    split, _ = split_by_folder(names)
    return Listing(
        "side-by-side", names, file_bytes(tree, names), names, Pairing.HALVES, grey=False, split=split, skipped=skipped
    )


def _twice_as_wide(tree: Tree, name: str) -> bool | None:
    """Whether an image is exactly twice as wide as high; None for a damaged file."""
    try:
        try:
            width, height = decode.header(tree.head(name))[0]
        except decode.UndecodableError:  # a header longer than the head, as large EXIF blocks make it
            width, height = decode.header(tree.read(name))[0]
    except (decode.UndecodableError, OSError):
        return None
    return width == 2 * height


READER = Reader("side-by-side", recognises, read, recognises_pairs=all_twice_as_wide)
