"""From an image file's bytes to pixels of a given size. All decoding follows these rules.

In this order:

1.  An image of more than `MAX_PIXELS` is refused by its header, before decoding.
2.  The first frame is used. EXIF rotation is applied.
3.  16-bit grey is divided by 257. Transparency is composited over white. Palette, CMYK and all other modes become
    RGB; black-and-white becomes grey. Floating-point pixels are refused, because their range is unknown.
4.  The largest centred square is cut out and resized with Lanczos (antialiased); index maps with nearest neighbour.
5.  RGB to one channel is Pillow's luma (ITU-R 601-2); grey to three channels repeats the value.
"""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image, ImageOps

from edgan.errors import EdganError, UsageError

MAX_PIXELS = 2**30 // 12  # where Pillow starts to warn of a decompression bomb
GREY_MODES = frozenset({"1", "L", "LA", "La", "I", "I;16", "I;16B", "I;16L", "I;16N"})

Encoded = bytes | np.ndarray


class UndecodableError(Exception):
    """A file cannot be decoded. The message is the reason, without a subject or full stop."""


def picture(data: Encoded) -> Image.Image:
    """A decoded image in mode L or RGB at its own size (rules 1-3).

    Args:
        data: an image file's bytes, or pixels: (H, W), (H, W, 3) or (H, W, 4) uint8.

    Raises:
        UndecodableError: not an image, truncated, too large, or with floating-point pixels.
    """
    if isinstance(data, np.ndarray):
        return _plain(Image.fromarray(data))
    return _plain(_loaded(data))


def index_map(data: bytes) -> Image.Image:
    """A single-channel image of class indices 0-255, in mode L at its own size; a palette's indices are kept.

    Raises:
        UndecodableError: as `picture`, or it has several channels, or an index is above 255.
    """
    image = _loaded(data)
    if image.mode not in GREY_MODES | {"P"} or image.mode in {"LA", "La"}:
        raise UndecodableError(f"an index map must have one channel, but this has mode {image.mode}")
    values = np.asarray(image)
    if values.size and values.max() > 255:
        raise UndecodableError(f"an index map holds values up to 255, but this holds {values.max()}")
    return Image.fromarray(values.astype(np.uint8))


def fit(image: Image.Image, size: int, *, nearest: bool = False) -> Image.Image:
    """The largest centred square of `image`, resized to (size, size) (rule 4)."""
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    box = (left, top, left + side, top + side)
    if side == size:
        return image.crop(box)
    return image.resize((size, size), Image.Resampling.NEAREST if nearest else Image.Resampling.LANCZOS, box=box)


def pixels(image: Image.Image, size: int, channels: int) -> np.ndarray:
    """`image`, in mode L or RGB, as (size, size, channels) uint8 (rules 4-5)."""
    fitted = fit(image, size).convert("L" if channels == 1 else "RGB")
    return np.asarray(fitted, dtype=np.uint8).reshape(size, size, channels)


def load_image(source: str | Path | bytes, size: int, channels: int = 3) -> np.ndarray:
    """One image by the same rules as a data set.

    Args:
        source: an image file, or its bytes.
        size: height and width in pixels.
        channels: 1 (grey) or 3 (RGB).

    Returns:
        (size, size, channels) uint8.

    Raises:
        UsageError: `size` is not positive or `channels` is neither 1 nor 3.
        EdganError: it cannot be read or decoded.
    """
    check_size(size, channels)
    name = "The image" if isinstance(source, bytes) else str(source)
    try:
        data = source if isinstance(source, bytes) else Path(source).read_bytes()
        return pixels(picture(data), size, channels)
    except OSError as error:
        raise EdganError(f"{name} cannot be read: {error.strerror or error}.") from error
    except UndecodableError as error:
        raise EdganError(f"{name} cannot be used: {error}.") from error


def check_size(size: int, channels: int | None) -> None:
    """Check the size and the number of channels of images.

    Raises:
        UsageError: `size` is not a positive whole number or `channels` is not 1, 3 or None.
    """
    if not isinstance(size, int) or isinstance(size, bool) or size < 1:
        raise UsageError(f"must be a positive whole number of pixels (got {size!r}).", parameter="size")
    if channels not in (None, 1, 3):
        raise UsageError(f"must be 1 (grey) or 3 (RGB) (got {channels!r}).", parameter="channels")


def header(data: bytes) -> tuple[tuple[int, int], str]:
    """((width, height), Pillow mode) of an image file, read without decoding; EXIF rotation is not applied.

    Raises:
        UndecodableError: not an image, or too large.
    """
    image = _opened(data)
    return image.size, image.mode


def _opened(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UndecodableError(f"refused as too large: more than {MAX_PIXELS:,} pixels") from error
    except Image.UnidentifiedImageError as error:
        what = "the file is empty" if not data else "not an image in a known format"
        raise UndecodableError(what) from error
    except Exception as error:  # Pillow's format plugins raise all kinds of errors on a damaged header
        raise UndecodableError(f"the image's header is damaged ({error})") from error
    width, height = image.size
    if width * height > MAX_PIXELS:
        raise UndecodableError(f"refused as too large: more than {MAX_PIXELS:,} pixels")
    return image


def _loaded(data: bytes) -> Image.Image:
    image = _opened(data)
    try:
        image.load()
        return ImageOps.exif_transpose(image)
    except Exception as error:  # as above, on damaged data
        raise UndecodableError(f"the image is damaged ({error})") from error


def _plain(image: Image.Image) -> Image.Image:
    """Rule 3: mode L or RGB."""
    if image.mode in ("L", "RGB"):
        plain = image if "transparency" not in image.info else _over_white(image.convert("RGBA"))
        return plain.convert("L") if image.mode == "L" else plain
    if image.mode == "F":
        raise UndecodableError("its pixels are floating-point numbers of unknown range; save it with 8 or 16 bits")
    if image.mode == "1":
        return image.convert("L")
    if image.mode in GREY_MODES and image.mode not in ("LA", "La"):
        return Image.fromarray((np.clip(np.asarray(image), 0, 65535) // 257).astype(np.uint8))
    if image.mode in ("LA", "La"):
        return _over_white(image.convert("RGBA")).convert("L")
    if image.mode in ("RGBA", "RGBa", "PA") or "transparency" in image.info:
        return _over_white(image.convert("RGBA"))
    return image.convert("RGB")


def _over_white(image: Image.Image) -> Image.Image:
    white = Image.new("RGBA", image.size, (255, 255, 255, 255))
    return Image.alpha_composite(white, image).convert("RGB")
