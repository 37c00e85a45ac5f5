"""Image files through Pillow: the formats that are read, without Pillow's warnings, however odd the metadata."""

from __future__ import annotations

import importlib
import io
import logging
import re
import threading
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from PIL import Image

from edgan.data import heic
from edgan.data.turns import PIXEL_BYTES, charge

MAX_PIXELS = 2**30 // 12  # where Pillow starts to warn of a decompression bomb
FORMATS = ("JPEG", "PNG", "BMP", "DIB", "GIF", "WEBP", "TIFF", "PPM", "AVIF")
"""Formats that only hold pixels. Others, such as EPS, run foreign programs or read other files."""
PLUGINS = ("Jpeg", "Png", "Bmp", "Gif", "WebP", "Tiff", "Ppm", "Avif")
ORIENTATION = 0x0112
TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}
# Without any handler, Python prints what Pillow logs, and that names no file.
logging.getLogger("PIL").addHandler(logging.NullHandler())
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
NOT_PIXELS = frozenset({b"tEXt", b"zTXt", b"iTXt", b"iCCP"})


class UndecodableError(Exception):
    """A file cannot be decoded. The message is the reason, without a subject or full stop.

    Attributes:
        passing: whether the reason is not in the file, so that another try may succeed.
    """

    def __init__(self, reason: str, *, passing: bool = False) -> None:
        super().__init__(reason)
        self.passing = passing


def open_image(data: bytes) -> Image.Image:
    """The image of a file's bytes, its header read and its pixels not yet decoded.

    Raises:
        UndecodableError: not an image in one of `FORMATS`, damaged, or of more than `MAX_PIXELS`.
    """
    with _quiet():
        return _opened(data)


def load_pixels(data: bytes) -> Image.Image:
    """The first frame of a file's bytes, decoded, and turned as its EXIF orientation says.

    Metadata does not matter for the pixels: where it is damaged or too long for Pillow, the pixels are still used.

    Raises:
        UndecodableError: as `open_image`, or the pixels are damaged.
    """
    with _quiet():
        try:
            return _turned(_loaded(_opened(data)))
        except UndecodableError:
            bare = _without_metadata(data)
            if bare is None:
                raise
            return _turned(_loaded(_identified(bare)))


def as_if_read(image: Image.Image) -> Image.Image:
    """A copy of a Pillow image, decoded and turned as its EXIF orientation says, as if it had been read from a file.

    Raises:
        UndecodableError: it has no pixels, or more than `MAX_PIXELS`, or its file is damaged.
    """
    with _quiet():
        return _turned(_loaded(_measured(image)).copy())


def png_depth(data: bytes) -> int:
    """Bits of a channel in a PNG file, which its transparent colour is written with; 8 for any other file."""
    return data[24] if data.startswith(PNG_SIGNATURE) and len(data) > 24 else 8


def _opened(data: bytes) -> Image.Image:
    try:
        return _identified(data)
    except UndecodableError:
        bare = _without_metadata(data)
        if bare is None:
            raise
        return _identified(bare)


def _identified(data: bytes) -> Image.Image:
    try:
        image = Image.open(io.BytesIO(data), formats=(*_formats(), *heic.formats(data)))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise UndecodableError(f"refused as too large: more than {MAX_PIXELS:,} pixels") from error
    except Image.UnidentifiedImageError as error:
        raise UndecodableError(_what_it_is(data)) from error
    except MemoryError as error:
        raise UndecodableError("there was not enough memory to read it", passing=True) from error
    except Exception as error:  # Pillow's format plugins raise all kinds of errors on a damaged header
        raise UndecodableError(f"the image's header is damaged ({error})") from error
    return _measured(image)


def _measured(image: Image.Image) -> Image.Image:
    width, height = image.size
    if not width or not height:
        raise UndecodableError("it has no pixels")
    if width * height > MAX_PIXELS:
        raise UndecodableError(f"refused as too large: more than {MAX_PIXELS:,} pixels")
    return image


def _loaded(image: Image.Image) -> Image.Image:
    charge(image.width * image.height * PIXEL_BYTES)
    try:
        image.load()
    except MemoryError as error:
        raise UndecodableError("there was not enough memory to decode it", passing=True) from error
    except Exception as error:  # as above, on damaged data
        raise UndecodableError(f"the image is damaged ({error})") from error
    return image


def _turned(image: Image.Image) -> Image.Image:
    """The image as its EXIF orientation says, as it is where the EXIF data cannot be read.

    `ImageOps.exif_transpose` also writes the EXIF data again, which one wrong entry makes impossible.
    """
    try:
        turn = TURNS.get(image.getexif().get(ORIENTATION, 1))
    except Exception:  # any error of a damaged EXIF block; the pixels are whole
        turn = None
    return image if turn is None else image.transpose(turn)


@cache
def _formats() -> tuple[str, ...]:
    """Those of `FORMATS` that this Pillow reads."""
    for plugin in PLUGINS:
        try:
            importlib.import_module(f"PIL.{plugin}ImagePlugin")
        except ImportError:  # Pillow before 11.3 has no AVIF
            continue
    return tuple(name for name in FORMATS if name in Image.OPEN)


def _what_it_is(data: bytes) -> str:
    """The reason for bytes that none of the formats accepts."""
    start = data[:64].lstrip().lower()
    if not data:
        return "the file is empty"
    if start.startswith((b"<!doctype html", b"<html")):
        return "an HTML page and not an image; download the file again"
    if start.startswith(b"version https://git-lfs"):
        return "a pointer of Git LFS and not the image itself; run git lfs pull"
    return "not an image in a format that is read"


def _without_metadata(data: bytes) -> bytes | None:
    """A PNG without text and colour profile, whose length Pillow limits; None where there is none to drop."""
    if not data.startswith(PNG_SIGNATURE):
        return None
    kept, position = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    dropped = False
    while position + 12 <= len(data):
        end = position + 12 + int.from_bytes(data[position : position + 4], "big")
        if data[position + 4 : position + 8] in NOT_PIXELS:
            dropped = True
        else:
            kept.append(data[position:end])
        position = end
    return b"".join(kept) if dropped else None


class _Silence:
    """Counts the threads that decode: the filter is set by the first and taken back by the last."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.threads = 0
        self.saved = warnings.catch_warnings()


_silence = _Silence()
_PILLOW = re.compile(r"PIL\.|edgan\.data\.pillow").pattern


@contextmanager
def _quiet() -> Iterator[None]:
    """Without Pillow's warnings, which name no file: what matters of them is said with the file's name instead."""
    with _silence.lock:
        _silence.threads += 1
        if _silence.threads == 1:
            _silence.saved = warnings.catch_warnings()
            _silence.saved.__enter__()
            warnings.filterwarnings("ignore", module=_PILLOW)
    try:
        yield
    finally:
        with _silence.lock:
            _silence.threads -= 1
            if _silence.threads == 0:
                _silence.saved.__exit__(None, None, None)
