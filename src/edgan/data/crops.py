"""Which part of a picture is used: its largest centred square, or a box that the authors of a data set or paper cut."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from PIL import Image, ImageFilter

from edgan.data.pillow import UndecodableError
from edgan.errors import UsageError


@dataclass(frozen=True)
class Crop:
    """A square part of a picture.

    Attributes:
        text: as `parse_crop` reads it.
        box: (left, top, right, bottom) in pixels; None: the largest centred square.
        side: of a centred square in pixels, where there is no box; 0: the largest.
        blur: whether the picture is blurred and then sampled without antialiasing, as IcGAN's and CDNet's code does.
    """

    text: str = "square"
    box: tuple[int, int, int, int] | None = None
    side: int = 0
    blur: bool = False

    def of(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """The box in a picture of (width, height).

        Raises:
            UndecodableError: it does not fit into the picture.
        """
        width, height = size
        side = self.side or min(size)
        left, top = (width - side) // 2, (height - side) // 2
        box = self.box or (left, top, left + side, top + side)
        if box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height:
            raise UndecodableError(f"it has {width}x{height} pixels, and the crop {self.text} does not fit into that")
        return box

    def fit(self, picture: Image.Image, size: int, *, nearest: bool = False) -> Image.Image:
        """The part of a picture, resized to (size, size) with Lanczos (antialiased), or with nearest neighbour.

        Raises:
            UndecodableError: the box does not fit into the picture.
        """
        box = self.of(picture.size)
        side = box[2] - box[0]
        sampling = Image.Resampling.NEAREST if nearest else Image.Resampling.LANCZOS
        if self == SQUARE and side != size:  # here the filter also sees the pixels just outside the square
            return picture.resize((size, size), sampling, box=box)
        cut = picture.crop(box)
        if self.blur and not nearest:
            return _blurred(cut, size)
        return cut if side == size else cut.resize((size, size), sampling)


def _blurred(cut: Image.Image, size: int) -> Image.Image:
    """A square picture at another size: blurred, then interpolated with cubic polynomials."""
    scale = cut.width / size
    smooth = cut.filter(ImageFilter.GaussianBlur(math.sqrt(scale) / 2)) if scale > 1 else cut
    matrix = (scale, 0.0, 0.0, 0.0, scale, 0.0)
    return smooth.transform((size, size), Image.Transform.AFFINE, matrix, Image.Resampling.BICUBIC)


SQUARE = Crop()
"""The largest centred square."""

NAMED = {
    "square": SQUARE,
    # Rows 40:188, columns 15:163 of aligned CelebA, blurred with a deviation of sqrt(148 / size) / 2: CDNet's code.
    "celeba-148": Crop("celeba-148", (15, 40, 163, 188), blur=True),
    # Rows 50:178, columns 25:153 of aligned CelebA: the code of Paper 3 and of Editable GAN.
    "celeba-128": Crop("celeba-128", (25, 50, 153, 178)),
}
_FORMS = f"{', '.join(NAMED)}, a centred square such as 108, or rows and columns such as 50:178,25:153"
_SIDE = re.compile(r"[1-9][0-9]{0,5}")
_BOX = re.compile(r"([0-9]{1,6}):([0-9]{1,6}),([0-9]{1,6}):([0-9]{1,6})")


def parse_crop(text: str) -> Crop:
    """The crop that a text names: "square", "celeba-148", "108", "50:178,25:153" (rows, then columns), ...

    Raises:
        UsageError: it names none, or a box that is empty or not square.
    """
    if text in NAMED:
        return NAMED[text]
    if _SIDE.fullmatch(text):
        return Crop(text, side=int(text))
    match = _BOX.fullmatch(text.replace(" ", ""))
    if match is None:
        raise UsageError(f"must be one of {_FORMS} (got {text!r}).", parameter="crop")
    top, bottom, left, right = map(int, match.groups())
    if top >= bottom or bottom - top != right - left:
        raise UsageError(f"must be a square, with as many rows as columns (got {text!r}).", parameter="crop")
    return Crop(match[0], (left, top, right, bottom))
