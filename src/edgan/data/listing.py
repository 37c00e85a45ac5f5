"""What a reader returns: the images of a set and what is known about each, before any is decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from enum import Enum

import numpy as np

from edgan.data.crops import SQUARE, Crop
from edgan.data.decode import Encoded
from edgan.errors import UsageError


class Pairing(Enum):
    """How an image comes by its source."""

    NONE = "none"
    HALVES = "halves"  # one file: the image on the left, its source on the right
    SOURCE_LEFT = "halves, source left"  # one file: the source on the left, its image on the right
    COLOURS = "colours"  # two files, both ordinary images
    INDICES = "indices"  # two files, the second a single-channel map of class indices


DIRECTIONS = ("BtoA", "AtoB")
"""Which side of a pair is the source, in pix2pix's words: A is the left half, A/ or images/, B the other side."""


@dataclass
class Listing:
    """N images that a layout holds, in name order.

    Attributes:
        kind: the layout's name.
        names: (N) unique names, '/' between folders.
        read: position to (image,) or, for pairs in two files, (image, source), each encoded. Raises OSError.
        files: names in the tree of the files that hold the pixels; the cache compares their sizes and times.
        pairing: how an image comes by its source.
        crop: which part of each picture is used.
        grey: whether all images are grey, where the layout determines it; None: the files decide.
        attributes: (N, A) float32 in [0, 1], NaN where an image's value is not known, or None.
        attribute_names: (A) their names.
        label: (N,) int64, or None.
        label_names: the classes' names, in the order of the labels.
        split: (N,) "train", "val" or "test", "" for an image whose split the layout leaves open; None: all are open.
        skipped: (file, reason) for files that the reader left out.
        broken: name to reason for columns that look like attributes with mistakes. Asking for one is an error.
        blanks: name to place of the first blank cell, for attributes with blank cells in a table of rows.
        unused: name to reason for columns that are probably not meant as attributes (text, a width).
        notes: sentences about the set as a whole: a list that could not be read, a layout that nearly fits.
    """

    kind: str
    names: list[str]
    read: Callable[[int], tuple[Encoded, ...]]
    files: list[str]
    pairing: Pairing = Pairing.NONE
    crop: Crop = SQUARE
    grey: bool | None = None
    attributes: np.ndarray | None = None
    attribute_names: tuple[str, ...] = ()
    label: np.ndarray | None = None
    label_names: tuple[str, ...] = ()
    split: np.ndarray | None = None
    skipped: list[tuple[str, str]] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    blanks: dict[str, str] = field(default_factory=dict)
    unused: dict[str, str] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def cut(self) -> list[str]:
        """The crop as the cache's keys hold it; empty for the usual one, so that these keys are those of old."""
        return self.crop.key


def directed(listing: Listing, direction: str) -> Listing:
    """The listing with the sides of its pairs as asked for.

    Args:
        listing: as a reader returns it: A is the image and B its source.
        direction: "BtoA", which changes nothing, or "AtoB": A is the source and B the image.

    Raises:
        UsageError: the direction is neither, or the sources are class-index maps, which cannot be images.
    """
    if direction not in DIRECTIONS:
        raise UsageError(f"must be BtoA or AtoB (got {direction!r}).", parameter="direction")
    if direction == "BtoA" or listing.pairing is Pairing.NONE:
        return listing
    if listing.pairing is Pairing.INDICES:
        raise UsageError(
            "Class-index maps can be the sources of pairs and not their images: the direction (pairs.direction) must "
            "be BtoA (got 'AtoB')."
        )
    if listing.pairing is Pairing.HALVES:
        return replace(listing, pairing=Pairing.SOURCE_LEFT)
    half = len(listing.files) // 2
    files = [*listing.files[half:], *listing.files[:half]]
    return replace(listing, read=lambda position: listing.read(position)[::-1], files=files)
