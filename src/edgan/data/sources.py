"""INPUT of `translate`: source pictures, or pairs of which the source side is taken."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np

from edgan.data import decode
from edgan.data.build import decoded_rows
from edgan.data.inputs import Loader, images_in, unique_stems
from edgan.data.listing import Listing
from edgan.data.readers import pairs, side_by_side
from edgan.data.tree import IMAGE_SUFFIXES, Tree
from edgan.errors import EdganError

Recognises = Callable[[Tree], bool]
Reads = Callable[[Tree], Listing]
LAYOUTS: tuple[tuple[Recognises, Reads], ...] = (
    (pairs.recognises_images_labels, pairs.read_images_labels),
    (pairs.recognises_a_b, pairs.read_a_b),
    (side_by_side.all_twice_as_wide, side_by_side.read),
)


def sources_in(path: str | Path) -> tuple[list[tuple[str, Loader]], str | None]:
    """The source pictures at `path`, in name order, as (stem, loader), and the layout of the pairs they come from.

    Pairs are B/ beside A/, labels/ beside images/, or pictures that are all exactly twice as wide as high, whose right
    half is the source: as in a data set. Anything else is source pictures, and the layout is None.

    Raises:
        EdganError: there is nothing at `path`, or no image in it.
    """
    where = Path(path).expanduser()
    if where.is_file() and where.suffix.lower() in IMAGE_SUFFIXES:
        return images_in(where), None
    tree = Tree(where)
    read = next((read for recognises, read in LAYOUTS if tree.images() and recognises(tree)), None)
    if read is None:
        return images_in(where), None
    listing = read(tree)
    stems = unique_stems(listing.names)
    return [(stem, _loader(tree, listing, position)) for position, stem in enumerate(stems)], listing.kind


def _loader(tree: Tree, listing: Listing, position: int) -> Loader:
    def load(size: int, channels: int) -> np.ndarray:
        name = tree.path / listing.names[position]
        try:
            return decoded_rows(listing, position, size, channels)["source"]
        except OSError as error:
            raise EdganError(f"{name} cannot be read: {error.strerror or error}.") from error
        except decode.UndecodableError as error:
            raise EdganError(f"{name} cannot be used: {error}.") from error

    return load
