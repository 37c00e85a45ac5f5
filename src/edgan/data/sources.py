"""INPUT of `translate`: source pictures, or pairs of which the source side is taken."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from edgan.data import decode
from edgan.data.build import PALETTE, parts_of
from edgan.data.inputs import Loader, images_in, unique_stems
from edgan.data.listing import Listing, Pairing
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


def sources_in(
    path: str | Path, *, maps: bool = False, classes: int = 0
) -> tuple[list[tuple[str, Loader]], str | None]:
    """The source pictures at `path`, in name order, as (stem, loader), and the layout of the pairs they come from.

    A loader that is asked for size 0 gives the whole picture, (H, W, channels), uncut and unresized.

    Pairs are B/ beside A/, labels/ beside images/, or pictures that are all exactly twice as wide as high, whose right
    half is the source: as in a data set. Anything else is source pictures, and the layout is None.

    Args:
        path: a file, a folder or a .zip.
        maps: single-channel files are maps of class indices, and are painted as in a data set.
        classes: above 0, they are, and become one plane for each of so many classes, 0 or 255.

    Raises:
        EdganError: there is nothing at `path`, or no image in it.
    """
    where = Path(path).expanduser()
    if where.is_file() and where.suffix.lower() in IMAGE_SUFFIXES:
        return [(where.stem, _loader(str(where), where.read_bytes, maps, classes))], None
    tree = Tree(where)
    names = tree.images()
    read = next((read for recognises, read in LAYOUTS if names and recognises(tree)), None)
    if read is None and not names:
        return images_in(where), None
    if read is None:
        loaders = [_loader(str(tree.path / name), partial(tree.read, name), maps, classes) for name in names]
        return list(zip(unique_stems(names), loaders, strict=True)), None
    listing = read(tree)
    stems = unique_stems(listing.names)
    pairs_of = [_pair_loader(tree, listing, position, classes) for position in range(len(stems))]
    return list(zip(stems, pairs_of, strict=True)), listing.kind


def _loader(name: str, read: Callable[[], bytes], maps: bool, classes: int) -> Loader:
    def pixels(size: int, channels: int) -> np.ndarray:
        data = read()
        single = decode.header(data)[1] in decode.GREY_MODES | {"P"}
        if not classes and not (maps and single):
            return _pixels(decode.picture(data), size, channels)
        index = _indices(decode.index_map(data), size)
        return _planes(index, classes) if classes else PALETTE[index]

    return _told(name, pixels)


def _pair_loader(tree: Tree, listing: Listing, position: int, classes: int) -> Loader:
    def pixels(size: int, channels: int) -> np.ndarray:
        _, source = parts_of(listing.pairing, listing.read(position))
        if listing.pairing is not Pairing.INDICES and classes:
            raise decode.UndecodableError("its source is no map of class indices, which this model was trained on")
        if listing.pairing is not Pairing.INDICES:
            return _pixels(source, size, channels)
        index = _indices(source, size)
        return _planes(index, classes) if classes else PALETTE[index]

    return _told(str(tree.path / listing.names[position]), pixels)


def _pixels(picture: Image.Image, size: int, channels: int) -> np.ndarray:
    if size:
        return decode.pixels(picture, size, channels)
    whole = np.asarray(picture.convert("L" if channels == 1 else "RGB"), dtype=np.uint8)
    return whole.reshape(picture.height, picture.width, channels)


def _indices(maps: Image.Image, size: int) -> np.ndarray:
    return np.asarray(decode.fit(maps, size, nearest=True) if size else maps)


def _planes(index: np.ndarray, classes: int) -> np.ndarray:
    """(H, W) class indices to (H, W, classes) of 0 and 255."""
    if index.max() >= classes:
        raise decode.UndecodableError(f"it holds the class {index.max()}, and this model knows 0 to {classes - 1}")
    return ((index[..., None] == np.arange(classes)) * 255).astype(np.uint8)


def _told(name: str, pixels: Loader) -> Loader:
    """The loader, its errors said of the file."""

    def load(size: int, channels: int) -> np.ndarray:
        try:
            return pixels(size, channels)
        except OSError as error:
            raise EdganError(f"{name} cannot be read: {error.strerror or error}.") from error
        except decode.UndecodableError as error:
            raise EdganError(f"{name} cannot be used: {error}.") from error

    return load
