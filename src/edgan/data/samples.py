"""A few pictures of a folder or .zip, decoded as a run reads them, without the cache."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from edgan.data import decode
from edgan.data.build import decode_sides, read_raw
from edgan.data.crops import Crop
from edgan.data.listing import directed
from edgan.data.readers import read_layout
from edgan.data.tree import Tree
from edgan.data.turns import turn


@dataclass(frozen=True)
class Samples:
    """Decoded pictures.

    Attributes:
        pixels: (n, size, size, channels) uint8.
        squares: of how many the central square was used, because the crop was not found in them.
        total: pictures in the set.
    """

    pixels: np.ndarray
    squares: int
    total: int


def sample_pictures(
    path: str | Path,
    most: int,
    *,
    size: int,
    channels: int,
    crop: Crop,
    sources: bool = False,
    layout: str | None = None,
    direction: str = "BtoA",
) -> Samples:
    """Decode up to `most` pictures, spread evenly over the set; those that cannot be decoded are left out.

    Args:
        path: the folder or .zip.
        most: how many.
        size: height and width in pixels.
        channels: 1 or 3.
        crop: which part of each picture is used.
        sources: the sources of pairs instead of the images, where the layout has pairs.
        layout: the layout's name; None: recognised.
        direction: of pairs, as `open_dataset` takes it.

    Raises:
        UsageError: the layout is not known.
        EdganError: there is no data set at `path`, or what the crop needs is not installed.
    """
    crop.require()
    listing = directed(read_layout(Tree(path), layout), direction)
    total, pixels, squares = len(listing.names), [], 0
    for position in np.unique(np.linspace(0, total - 1, min(total, most)).astype(int)).tolist():
        try:
            with turn():
                sides = decode_sides(listing.pairing, read_raw(listing, position))
                placed, found = crop.placed(sides[-1 if sources else 0])
                pixels.append(decode.pixels(sides[-1 if sources else 0], size, channels, placed))
        except decode.UndecodableError:  # `check_folder` reports it
            continue
        squares += not found
    shape = (0, size, size, channels)
    return Samples(np.stack(pixels) if pixels else np.empty(shape, np.uint8), squares, total)
