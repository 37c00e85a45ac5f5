"""Photos that clients sent, decoded once and held in memory."""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from dataclasses import dataclass

from PIL import Image

from edgan.data import decode
from edgan.data.crops import SQUARE, Crop
from edgan.data.pillow import UndecodableError
from edgan.errors import EdganError, UsageError

MAX_PIXELS = 24_000_000
HELD_SIDE = 1536
"""Larger photos are reduced: no model sees more pixels, and many photos fit in memory."""
HELD = 48


class UnknownPhotoError(EdganError):
    """There is no such photo, or it was held too long ago."""


@dataclass(frozen=True)
class Photo:
    """A photo: its id, and its picture in mode L or RGB, upright, with no side above `HELD_SIDE`."""

    id: str
    picture: Image.Image

    def crop(self, wanted: Crop) -> Crop:
        """A run's crop, placed in the photo; the largest centred square where it does not fit.

        Raises:
            EdganError: it looks for faces, and OpenCV is missing.
        """
        placed, _ = wanted.placed(self.picture)
        try:
            placed.of(self.picture.size)
        except UndecodableError:
            return SQUARE
        return placed


def check_upload(data: bytes) -> None:
    """Refuse a photo by its header, before its pixels are decoded.

    Raises:
        EdganError: not an image, or of more than 24 megapixels.
    """
    if not data:
        raise UsageError("The request holds no file. Send the bytes of an image as the body.")
    try:
        (width, height), _ = decode.header(data)
    except UndecodableError as error:
        raise EdganError(f"The file cannot be used: {error}.") from None
    if width * height > MAX_PIXELS:
        raise EdganError(
            f"The image has {width * height / 1e6:.0f} megapixels, and the most is {MAX_PIXELS // 1_000_000}. "
            "Save it smaller and try again."
        )


def read_upload(data: bytes) -> Image.Image:
    """A photo's picture, decoded; call `check_upload` first.

    Raises:
        EdganError: its pixels are damaged.
    """
    try:
        picture = decode.picture(data)
    except UndecodableError as error:
        raise EdganError(f"The file cannot be used: {error}.") from None
    picture.thumbnail((HELD_SIDE, HELD_SIDE), Image.Resampling.LANCZOS)
    picture.info.clear()
    return picture


class Photos:
    """The photos that are held: the newest ones, however many were sent."""

    def __init__(self) -> None:
        self._held: OrderedDict[str, Photo] = OrderedDict()
        self._lock = threading.Lock()

    def add(self, picture: Image.Image) -> Photo:
        """Hold a picture under a new id that cannot be guessed."""
        photo = Photo(secrets.token_urlsafe(9), picture)
        with self._lock:
            self._held[photo.id] = photo
            while len(self._held) > HELD:
                self._held.popitem(last=False)
        return photo

    def get(self, photo_id: str) -> Photo:
        """A photo that was sent.

        Raises:
            UnknownPhotoError: it is not held.
        """
        with self._lock:
            photo = self._held.get(photo_id)
            if photo is None:
                raise UnknownPhotoError("The studio no longer holds this photo. Choose it again.")
            self._held.move_to_end(photo_id)
            return photo
