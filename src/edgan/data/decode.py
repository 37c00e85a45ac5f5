"""From an image file's bytes to pixels of a given size. All decoding follows these rules.

In this order:

1.  Formats that only hold pixels are read (`edgan.data.pillow`). An image of more than 89,478,485 pixels is refused
    by its header, before decoding.
2.  The first frame is used. EXIF rotation is applied.
3.  16-bit grey is divided by 257. Transparency is composited over white. Palette, CMYK and all other modes become
    RGB; black-and-white becomes grey. Floating-point pixels, and integers outside 0 to 65535, are refused, because
    their range is unknown.
4.  The largest centred square, or the crop that is asked for (`edgan.data.crops`), is cut out and resized with Lanczos
    (antialiased); index maps with nearest neighbour.
5.  RGB to one channel is Pillow's luma (ITU-R 601-2); grey to three channels repeats the value.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PIL import Image

from edgan.data.crops import SQUARE, Crop
from edgan.data.files import MAX_IMAGE_BYTES, read_file
from edgan.data.pillow import UndecodableError, as_if_read, load_pixels, open_image, png_depth
from edgan.data.turns import turn
from edgan.errors import EdganError, UsageError
from edgan.paths import expand

GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N"})

DEEPEST = 2**16 - 1
MAXIMUM = "maximum"
"""In `info` of a picture that was made from 16 bits: the highest value before the division."""
BAND_PIXELS = 2**20

Encoded = bytes | np.ndarray | Image.Image
"""A picture before rule 1: an image file's bytes, pixels (H, W), (H, W, 3) or (H, W, 4) uint8, or a Pillow image."""


def picture(data: Encoded) -> Image.Image:
    """A decoded image in mode L or RGB at its own size (rules 1-3).

    Args:
        data: an image file's bytes, pixels, or a Pillow image, which is not changed.

    Raises:
        UndecodableError: not an image, truncated, too large, or with pixels of an unknown range.
    """
    image = _own_size(data)
    try:
        return _plain(image, png_depth(data) if isinstance(data, bytes) else 8)
    except MemoryError as error:
        raise UndecodableError("there was not enough memory to decode it", passing=True) from error
    except (ValueError, TypeError, OSError) as error:  # Pillow's conversions; each mode has its own
        raise UndecodableError(f"its pixels cannot be converted from the mode {image.mode}") from error


def _own_size(data: Encoded) -> Image.Image:
    if isinstance(data, np.ndarray):
        return Image.fromarray(data)
    return as_if_read(data) if isinstance(data, Image.Image) else load_pixels(data)


def index_map(data: Encoded) -> Image.Image:
    """A single-channel image of class indices 0-255, in mode L at its own size; a palette's indices are kept.

    Raises:
        UndecodableError: as `picture`, or it has several channels, or an index is above 255.
    """
    image = _own_size(data)
    if image.mode not in GREY_MODES | {"P"} or image.mode in {"LA", "La"}:
        raise UndecodableError(f"an index map must have one channel, but this has mode {image.mode}")
    values = np.asarray(image)
    if values.size and values.max() > 255:
        raise UndecodableError(f"an index map holds values up to 255, but this holds {values.max()}")
    return Image.fromarray(values.astype(np.uint8))


def pixels(image: Image.Image, size: int, channels: int, crop: Crop = SQUARE) -> np.ndarray:
    """`image`, in mode L or RGB, as (size, size, channels) uint8 (rules 4-5).

    Raises:
        UndecodableError: the crop does not fit into the image.
    """
    fitted = crop.fit(image, size).convert("L" if channels == 1 else "RGB")
    return np.asarray(fitted, dtype=np.uint8).reshape(size, size, channels)


def load_image(source: str | Path | Encoded, size: int, channels: int = 3, crop: Crop = SQUARE) -> np.ndarray:
    """One image by the same rules as a data set.

    Args:
        source: an image file, its bytes, a Pillow image, or pixels (H, W), (H, W, 3) or (H, W, 4) uint8.
        size: height and width in pixels.
        channels: 1 (grey) or 3 (RGB).
        crop: which part of it is used.

    Returns:
        (size, size, channels) uint8.

    Raises:
        UsageError: `size` is not positive or `channels` is neither 1 nor 3.
        EdganError: it cannot be read or decoded.
    """
    check_size(size, channels)
    name = str(source) if isinstance(source, str | Path) else "The image"
    try:
        with turn():
            return pixels(picture(encoded(source)), size, channels, crop)
    except OSError as error:
        raise EdganError(f"{name} cannot be read: {error.strerror or error}.") from error
    except UndecodableError as error:
        raise EdganError(f"{name} cannot be used: {error}.") from error


def encoded(source: str | Path | Encoded) -> Encoded:
    """The bytes of an image file; other sources as they are.

    Raises:
        OSError: the file cannot be read.
        EdganError: it is larger than an image file may be.
    """
    return read_file(expand(source), most=MAX_IMAGE_BYTES) if isinstance(source, str | Path) else source


def check_size(size: int, channels: int | None) -> None:
    """Check the size and the number of channels of images.

    Raises:
        UsageError: `size` is not a positive whole number or `channels` is not 1, 3 or None.
    """
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise UsageError(f"must be a positive whole number of pixels (got {size!r}).", parameter="size")
    if channels not in (None, 1, 3):
        raise UsageError(f"must be 1 (grey) or 3 (RGB) (got {channels!r}).", parameter="channels")


def is_single_channel(data: Encoded) -> bool:
    """Whether a picture has one channel of grey values or palette indices, as class-index maps have.

    Raises:
        UndecodableError: not an image, or too large.
    """
    if isinstance(data, np.ndarray):
        return data.ndim == 2
    return (data.mode if isinstance(data, Image.Image) else header(data)[1]) in GREY_MODES | {"P"}


def header(data: bytes) -> tuple[tuple[int, int], str]:
    """((width, height), Pillow mode) of an image file, read without decoding; EXIF rotation is not applied.

    Raises:
        UndecodableError: not an image, or too large.
    """
    image = open_image(data)
    return image.size, image.mode


def _plain(image: Image.Image, depth: int = 8) -> Image.Image:
    """Rule 3: mode L or RGB.

    Args:
        image: decoded.
        depth: bits of a channel in the file, where that matters for a transparent colour.
    """
    clear = image.info.get("transparency")
    if image.mode == "F":
        raise UndecodableError("its pixels are floating-point numbers of unknown range; save it with 8 or 16 bits")
    if image.mode in GREY_MODES and image.mode not in ("LA", "La"):
        return _grey(image, clear, depth)
    if image.mode in ("LA", "La"):
        return _by_bands(image, "L", _over_white)
    if image.mode == "RGB" and isinstance(clear, tuple) and depth == 16:
        image.info["transparency"] = tuple(value >> 8 for value in clear)  # the pixels are these bytes too
    if image.mode in ("RGBA", "RGBa", "PA") or clear is not None:
        return _by_bands(image, "RGB", _over_white)
    return image if image.mode == "RGB" else image.convert("RGB")


def _grey(image: Image.Image, clear: object, depth: int) -> Image.Image:
    """A picture of one channel in mode L; its transparent value, if it has one, is white."""
    if image.mode in ("1", "L"):
        plain = image.convert("L") if image.mode == "1" else image
        plain.info.pop("transparency", None)
        if not isinstance(clear, int):
            return plain
        # a grey value is stored with the file's own number of bits
        scaled = (255 if clear else 0) if depth == 1 else clear * 255 // (2**depth - 1)
        return plain.point([255 if value == scaled else value for value in range(256)])
    values = np.asarray(image)
    low, high = int(values.min()), int(values.max())
    if low < 0 or high > DEEPEST:
        raise UndecodableError(
            f"its pixels are whole numbers from {low} to {high}, and only 0 to {DEEPEST} is a range that is known; "
            "save it with 8 or 16 bits"
        )
    eight = (values // 257).astype(np.uint8)
    if isinstance(clear, int):
        eight[values == clear] = 255
    plain = Image.fromarray(eight)
    plain.info[MAXIMUM] = high
    return plain


def _by_bands(image: Image.Image, mode: str, change: Callable[[Image.Image], Image.Image]) -> Image.Image:
    """`image` in another mode, a band of rows at a time: the steps between take no memory worth mentioning."""
    if image.width * image.height <= BAND_PIXELS:
        return change(image).convert(mode)
    plain, rows = Image.new(mode, image.size), max(1, BAND_PIXELS // image.width)
    for top in range(0, image.height, rows):
        band = image.crop((0, top, image.width, min(top + rows, image.height)))
        plain.paste(change(band).convert(mode), (0, top))
    return plain


def _over_white(image: Image.Image) -> Image.Image:
    pixels = image.convert("RGBA")
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, pixels).convert("RGB")
