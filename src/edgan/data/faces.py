"""The square around the largest face of a picture, by OpenCV's frontal-face cascade (the extra `faces`).

The cascade `haarcascade_frontalface_alt2` (Viola and Jones 2001; Lienhart's training) is part of OpenCV's wheel, so
nothing is downloaded. OpenCV's neural detector, YuNet, would find more faces that are turned away, but its weights are
a separate file that no package carries.
"""

from __future__ import annotations

import threading
from typing import Any

import numpy as np
from PIL import Image

from edgan.errors import EdganError
from edgan.extras import install_command

CASCADE = "haarcascade_frontalface_alt2.xml"
SHORT_SIDE = 160
"""Larger pictures are reduced to this before the search, which is quick and loses no face that is large enough."""
SMALLEST = 1 / 8
"""Of the picture's shorter side: the side of the smallest face that is looked for."""
FOUND_SIDE = 20
"""The side in pixels of the smallest face that the cascade knows."""
MARGIN = 1.7
"""Side of the square over the side of the cascade's box, which goes from the forehead to the chin: hair is in."""
RAISED = 0.1
"""How far the square's centre lies above the box's, in sides of the box: hair takes more room than the chin."""

_thread = threading.local()
_importing = threading.Lock()


def require_detector() -> None:
    """Check that OpenCV is installed.

    Raises:
        EdganError: it is not; says how to install it.
    """
    _opencv()


def face_square(picture: Image.Image) -> tuple[int, int, int, int] | None:
    """(left, top, right, bottom) of a square around the largest face, inside the picture; None where none is found.

    Args:
        picture: upright, in mode L or RGB.

    Raises:
        EdganError: OpenCV is missing.
    """
    face = largest_face(picture)
    if face is None:
        return None
    left, top, width = face
    side = min(round(MARGIN * width), *picture.size)
    x = round(left + width / 2 - side / 2)
    y = round(top + width * (0.5 - RAISED) - side / 2)
    x, y = max(0, min(x, picture.width - side)), max(0, min(y, picture.height - side))
    return x, y, x + side, y + side


def largest_face(picture: Image.Image) -> tuple[float, float, float] | None:
    """(left, top, side) of the largest face's box in pixels, from the forehead to the chin; None where none is found.

    Raises:
        EdganError: OpenCV is missing.
    """
    cv2, _ = _opencv()
    scale = min(1.0, SHORT_SIDE / min(picture.size))
    grey = picture.convert("L")
    if scale < 1:
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        grey = grey.resize(size, Image.Resampling.BOX)
    smallest = max(FOUND_SIDE, round(SMALLEST * min(grey.size)))
    if min(grey.size) < smallest:
        return None
    even = cv2.equalizeHist(np.asarray(grey))
    boxes = _cascade().detectMultiScale(even, scaleFactor=1.1, minNeighbors=4, minSize=(smallest, smallest))
    if not len(boxes):
        return None
    # By side, then by place, so that the choice does not depend on the order in which threads found them.
    left, top, side, _ = max((tuple(map(int, box)) for box in boxes), key=lambda box: (box[2], -box[1], -box[0]))
    return left / scale, top / scale, side / scale


def _opencv() -> tuple[Any, str]:
    """OpenCV's module, and the folder of its cascades with a separator at the end.

    Raises:
        EdganError: it is not installed.
    """
    with _importing:  # while one thread imports it, other threads would see half of it
        try:
            import cv2
            from cv2.data import haarcascades
        except ImportError as error:
            raise EdganError(f"The crop face needs OpenCV. Install it with: {install_command('faces')}") from error
    return cv2, haarcascades


def _cascade() -> Any:
    """This thread's cascade: a cascade cannot be used by two threads at once."""
    if not hasattr(_thread, "cascade"):
        cv2, haarcascades = _opencv()
        _thread.cascade = cv2.CascadeClassifier(haarcascades + CASCADE)
    return _thread.cascade
