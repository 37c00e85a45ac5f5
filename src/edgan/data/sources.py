"""The INPUT of `translate`: source pictures, or the source side of pairs."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

import numpy as np
from PIL import Image

from edgan.data import decode
from edgan.data.build import PALETTE, decode_sides
from edgan.data.crops import SQUARE, Crop
from edgan.data.inputs import Loader, images_in, unique_stems
from edgan.data.listing import Listing, Pairing, directed
from edgan.data.readers import READERS, side_by_side
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree, image_suffixes
from edgan.errors import EdganError, UsageError
from edgan.paths import expand

PAIRS = tuple(reader for reader in READERS if reader.recognises_pairs is not None)
LAYOUTS = (*(reader.kind for reader in PAIRS), "images")


def sources_in(
    path: str | Path,
    *,
    maps: bool = False,
    classes: int = 0,
    layout: str | None = None,
    halves: bool = False,
    direction: str = "BtoA",
    crop: Crop = SQUARE,
    tell: Callable[[str], None] = lambda _: None,
) -> tuple[list[tuple[str, Loader]], str | None]:
    """The source pictures at `path`, in name order.

    Pairs are recognised by the layouts of data sets: B/ next to A/, labels/ next to images/, or, with `halves`,
    pictures that are all exactly twice as wide as high. All other images are taken as sources.

    Args:
        path: a file, a folder or a .zip.
        layout: "side-by-side", "a-b" or "images-labels": the pairs whose sources to take; "images": every picture is a
            source. None: recognised.
        halves: whether pictures that are all exactly twice as wide as high are recognised as pairs, as they are in the
            data of a model that was trained on such pairs.
        direction: which side of a pair is the source, as `open_dataset` takes it.
        crop: which part of each source is used, except where the whole picture is loaded.
        tell: called with a sentence that counts pictures in formats that are not read, by suffix.
        maps: whether single-channel files are class-index maps, to be coloured as in a data set.
        classes: number of classes; all files are then class-index maps and are loaded one-hot, as 0 and 255.

    Returns:
        (stem, loader) for each source, and the layout of the pairs that they belong to, or None.
        `loader(size, channels)` gives (size, size, channels) uint8, with size 0 the whole picture, (H, W, channels),
        and raises EdganError if the source cannot be used.

    Raises:
        UsageError: a layout that is none of these.
        EdganError: there is nothing at `path`, or no image in it.
    """
    if layout not in (None, *LAYOUTS):
        raise UsageError(f"must be one of {', '.join(LAYOUTS)} (got {layout!r}).", parameter="layout")
    path = expand(path)
    if path.is_file() and path.suffix.lower() in image_suffixes():
        return [(path.stem, _loader(str(path), path.read_bytes, maps, classes, crop))], None
    tree = Tree(path)
    names = tree.images()
    if not names:
        return images_in(path, crop), None
    if (unread := tree.unread_pictures()) is not None:
        tell(unread)
    reader = _reader(tree, layout, halves)
    if reader is None:
        loaders = [_loader(str(tree.path / name), partial(tree.read, name), maps, classes, crop) for name in names]
        return list(zip(unique_stems(names), loaders, strict=True)), None
    listing = directed(reader.read(tree), direction)
    stems = unique_stems(listing.names)
    loaders = [_pair_loader(tree, listing, position, classes, crop) for position in range(len(stems))]
    return list(zip(stems, loaders, strict=True)), listing.kind


def load_source(
    source: str | Path | decode.Encoded,
    size: int,
    channels: int,
    *,
    maps: bool = False,
    classes: int = 0,
    crop: Crop = SQUARE,
) -> np.ndarray:
    """One source picture by the same rules.

    Args:
        source: an image file, its bytes, a Pillow image, or pixels (H, W), (H, W, 3) or (H, W, 4) uint8.
        size: height and width in pixels.
        channels: of the model's sources.
        maps, classes, crop: as for `sources_in`.

    Returns:
        (size, size, channels) uint8.

    Raises:
        EdganError: it cannot be read or decoded, or holds a class that the model does not know.
    """
    name = str(source) if isinstance(source, str | Path) else "The image"
    return _loader(name, lambda: decode.encoded(source), maps, classes, crop)(size, channels)


def _reader(tree: Tree, layout: str | None, halves: bool) -> Reader | None:
    """The reader of the pairs in a tree; None where its pictures are sources themselves."""
    if layout is not None:
        return next((reader for reader in PAIRS if reader.kind == layout), None)
    recognised = (reader for reader in PAIRS if reader.recognises_pairs is not None and reader.recognises_pairs(tree))
    return next((reader for reader in recognised if halves or reader is not side_by_side.READER), None)


def _loader(name: str, read: Callable[[], decode.Encoded], maps: bool, classes: int, crop: Crop) -> Loader:
    def pixels(size: int, channels: int) -> np.ndarray:
        data = read()
        if not classes and not (maps and decode.is_single_channel(data)):
            return _pixels(decode.picture(data), size, channels, crop)
        index = _indices(decode.index_map(data), size, crop)
        return _one_hot(index, classes) if classes else PALETTE[index]

    return _naming_file(name, pixels)


def _pair_loader(tree: Tree, listing: Listing, position: int, classes: int, crop: Crop) -> Loader:
    def pixels(size: int, channels: int) -> np.ndarray:
        _, source = decode_sides(listing.pairing, listing.read(position))
        if listing.pairing is not Pairing.INDICES and classes:
            raise decode.UndecodableError("its source is not a class-index map, as this model needs")
        if listing.pairing is not Pairing.INDICES:
            return _pixels(source, size, channels, crop)
        index = _indices(source, size, crop)
        return _one_hot(index, classes) if classes else PALETTE[index]

    return _naming_file(str(tree.path / listing.names[position]), pixels)


def _pixels(picture: Image.Image, size: int, channels: int, crop: Crop) -> np.ndarray:
    if size:
        return decode.pixels(picture, size, channels, crop)
    whole = np.asarray(picture.convert("L" if channels == 1 else "RGB"), dtype=np.uint8)
    return whole.reshape(picture.height, picture.width, channels)


def _indices(maps: Image.Image, size: int, crop: Crop) -> np.ndarray:
    return np.asarray(crop.fit(maps, size, nearest=True) if size else maps)


def _one_hot(index: np.ndarray, classes: int) -> np.ndarray:
    """(H, W) class indices to (H, W, classes) of 0 and 255."""
    if index.max() >= classes:
        raise decode.UndecodableError(f"it holds class {index.max()}, and this model knows 0 to {classes - 1}")
    return ((index[..., None] == np.arange(classes)) * 255).astype(np.uint8)


def _naming_file(name: str, pixels: Loader) -> Loader:
    """The loader with errors that name the file."""

    def load(size: int, channels: int) -> np.ndarray:
        try:
            return pixels(size, channels)
        except OSError as error:
            raise EdganError(f"{name} cannot be read: {error.strerror or error}.") from error
        except decode.UndecodableError as error:
            raise EdganError(f"{name} cannot be used: {error}.") from error

    return load
