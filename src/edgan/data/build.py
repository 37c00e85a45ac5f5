"""Decodes a listing into .npy files, a few images in memory at a time."""

from __future__ import annotations

import contextlib
import hashlib
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from edgan.data import decode
from edgan.data.crops import Crop
from edgan.data.files import ContentError
from edgan.data.listing import Listing, Pairing
from edgan.data.readers import reasons
from edgan.data.tree import Tree
from edgan.data.turns import turn
from edgan.errors import EdganError, none_can

CHUNK = 64
UNREAD = b"unread"
"""In place of a digest where a file's bytes or pixels could not be had, this time."""


@dataclass(frozen=True)
class Decoded:
    """What `build` wrote.

    Attributes:
        channels: 1 or 3.
        shapes: of the arrays, by name.
        left_out: (position in the listing, reason).
        passing: positions among these whose reason may pass: no permission, no memory.
        digests: what the cache's key is made of, one for each image of the listing.
        options: the same for the options.
        squares: images of which the central square was used, because the crop was not found in them.
    """

    channels: int
    shapes: dict[str, tuple[int, ...]]
    left_out: list[tuple[int, str]]
    passing: list[int]
    digests: list[bytes]
    options: list[Any]
    squares: int = 0


def build(
    tree: Tree,
    listing: Listing,
    size: int,
    channels: int | None,
    folder: Path,
    progress: Callable[[int, int], None] | None,
) -> Decoded:
    """Decode every image into `folder`/NAME.npy, in the listing's order, leaving out what cannot be decoded.

    Rows are written with ordinary writes, not through a memory map, so that a full disk is an error and not a crash.
    The number of rows is known only at the end, when the header is written.

    Args:
        tree: where the listing comes from.
        listing: the images.
        size: height and width to decode to, in pixels.
        channels: 1, 3, or None: 1 when every image is grey.
        folder: an existing folder.
        progress: called with (images done, images in all).

    Raises:
        EdganError: nothing could be decoded.
        OSError: `folder` cannot be written.
    """
    channels = _channels(listing) if channels is None else channels
    rows = _row_shapes(listing.pairing, size, channels)
    files = {name: _RowFile(folder / f"{name}.npy", shape) for name, shape in rows.items()}
    left_out: list[tuple[int, str]] = []
    passing: list[int] = []
    digests: list[bytes] = []
    squares = 0
    total = len(listing.names)
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool, contextlib.ExitStack() as stack:
        for file in files.values():
            stack.callback(file.close)
        for start in range(0, total, CHUNK):
            chunk = range(start, min(start + CHUNK, total))
            decoded = pool.map(lambda position: _decode(listing, position, size, channels), chunk)
            for position, (digest, arrays, found) in zip(chunk, decoded, strict=True):
                digests.append(f"{listing.names[position]}\0".encode() + digest)
                if isinstance(arrays, decode.UndecodableError):
                    left_out.append((position, str(arrays)))
                    if arrays.passing:
                        passing.append(position)
                    continue
                squares += not found
                for name, array in arrays.items():
                    files[name].write(array)
            if progress is not None:
                progress(chunk.stop, total)
    if len(left_out) == total:
        why = reasons([(listing.names[position], reason) for position, reason in left_out])
        raise EdganError(f"{none_can(total, 'image', tree.path, 'decoded')}: {why}.")
    shapes = {name: (total - len(left_out), *shape) for name, shape in rows.items()}
    options = [listing.pairing.value, size, channels, *listing.cut]
    return Decoded(channels, shapes, left_out, passing, digests, options, squares)


def decode_sides(pairing: Pairing, raw: tuple[decode.Encoded, ...]) -> tuple[Image.Image, ...]:
    """The decoded image, for pairs (image, source), each at its own size.

    Args:
        pairing: how an image comes by its source.
        raw: what `Listing.read` returned.

    Raises:
        UndecodableError: one of them cannot be decoded, or the two do not fit together.
    """
    image = decode.picture(raw[0])
    if pairing is Pairing.NONE:
        return (image,)
    if pairing in (Pairing.HALVES, Pairing.SOURCE_LEFT):
        half, odd = divmod(image.width, 2)
        if odd or image.width < image.height:
            raise decode.UndecodableError(f"{image.width}x{image.height} cannot be cut into an image and its source")
        left, right = image.crop((0, 0, half, image.height)), image.crop((half, 0, image.width, image.height))
        return (left, right) if pairing is Pairing.HALVES else (right, left)
    if not isinstance(raw[1], bytes):
        raise decode.UndecodableError("the source of a pair must be an image file")
    source = decode.index_map(raw[1]) if pairing is Pairing.INDICES else decode.picture(raw[1])
    if source.size != image.size:
        raise decode.UndecodableError(
            f"the image is {image.width}x{image.height} but its source is {source.width}x{source.height}"
        )
    return image, source


def palette() -> np.ndarray:
    """The PASCAL VOC colour map, (256, 3) uint8, in which neighbouring class indices differ clearly.

    The bits of an index go to red, green and blue in turn, lowest bits to the highest ones; index 0 is black.
    """
    index = np.arange(256)
    colours = np.zeros((256, 3), dtype=np.int64)
    for place in range(8):
        for channel in range(3):
            colours[:, channel] |= ((index >> channel) & 1) << (7 - place)
        index = index >> 3
    return colours.astype(np.uint8)


PALETTE = palette()


def _decode(
    listing: Listing, position: int, size: int, channels: int
) -> tuple[bytes, dict[str, np.ndarray] | decode.UndecodableError, bool]:
    """(digest of the encoded bytes, rows by array name or the reason why the image is left out, crop was found)."""
    digest = UNREAD
    try:
        with turn():
            raw = read_raw(listing, position)
            state = hashlib.blake2b(digest_size=16)
            for data in raw:
                state.update(data if isinstance(data, bytes) else data.tobytes())
            digest = state.digest()
            sides = decode_sides(listing.pairing, raw)
            crop, found = listing.crop.placed(sides[0])
            return digest, _rows(sides, listing.pairing, crop, size, channels), found
    except decode.UndecodableError as error:
        return UNREAD if error.passing else digest, error, True


def read_raw(listing: Listing, position: int) -> tuple[decode.Encoded, ...]:
    """What `Listing.read` returns, with one kind of error.

    Raises:
        UndecodableError: it cannot be read. The reason is passing if it lies with the system and not in the file.
    """
    try:
        return listing.read(position)
    except ContentError as error:
        raise decode.UndecodableError(str(error)) from error
    except OSError as error:
        raise decode.UndecodableError(f"cannot be read: {error.strerror or error}", passing=True) from error
    except MemoryError as error:
        raise decode.UndecodableError("there was not enough memory to read it", passing=True) from error


def _rows(
    sides: tuple[Image.Image, ...], pairing: Pairing, crop: Crop, size: int, channels: int
) -> dict[str, np.ndarray]:
    rows = {"image": decode.pixels(sides[0], size, channels, crop)}
    if pairing is Pairing.INDICES:
        rows["source_index"] = np.asarray(crop.fit(sides[1], size, nearest=True))
        rows["source"] = PALETTE[rows["source_index"]]
    elif pairing is not Pairing.NONE:
        rows["source"] = decode.pixels(sides[1], size, 3, crop)
    return rows


def _row_shapes(pairing: Pairing, size: int, channels: int) -> dict[str, tuple[int, ...]]:
    shapes: dict[str, tuple[int, ...]] = {"image": (size, size, channels)}
    if pairing is not Pairing.NONE:
        shapes["source"] = (size, size, 3)
    if pairing is Pairing.INDICES:
        shapes["source_index"] = (size, size)
    return shapes


def _channels(listing: Listing) -> int:
    """1 when the layout says grey or every readable file is grey, otherwise 3; stops at the first file in colour."""
    if listing.grey is not None:
        return 1 if listing.grey else 3
    grey = False
    for position in range(len(listing.names)):
        try:
            data = read_raw(listing, position)[0]
            mode = decode.header(data)[1] if isinstance(data, bytes) else "RGB"
        except decode.UndecodableError:
            continue
        if mode not in decode.GREY_MODES:
            return 3
        grey = True
    return 1 if grey else 3


class _RowFile:
    """A .npy file that grows row by row; its header is written when it is closed."""

    def __init__(self, path: Path, row: tuple[int, ...]) -> None:
        self._row, self._count = row, 0
        self._file = path.open("wb")
        self._header()
        self._start = self._file.tell()

    def write(self, row: np.ndarray) -> None:
        self._file.write(np.ascontiguousarray(row, dtype=np.uint8).reshape(self._row).data)
        self._count += 1

    def close(self) -> None:
        self._file.seek(0)
        self._header()
        if self._file.tell() != self._start:
            raise OSError("the header of the .npy file no longer fits")
        self._file.flush()
        os.fsync(self._file.fileno())
        self._file.close()

    def _header(self) -> None:
        # numpy pads a header so that its first axis can grow in place
        header = {"descr": "|u1", "fortran_order": False, "shape": (self._count, *self._row)}
        np.lib.format.write_array_header_1_0(self._file, header)
