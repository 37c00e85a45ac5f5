"""Which part of a picture is used: its largest centred square, a face, or a box that authors cut.

`parse_crop` reads a crop, `Crop.placed` finds it in a picture, and `Crop.fit` cuts it out and resizes it.
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from threading import Lock

from PIL import Image, ImageFilter

from edgan.data.faces import face_square, require_detector
from edgan.data.pillow import UndecodableError
from edgan.errors import UsageError, counted

ALIGNED = (178, 218)
"""Width and height of CelebA's aligned pictures. Smaller copies with the same ratio, such as 89x109, count too."""
_RULES = 2  # counted up when `placed` changes, so that the cache does not hand out pixels of older rules


@dataclass(frozen=True)
class Crop:
    """A square part of a picture.

    Attributes:
        text: as `parse_crop` reads it.
        box: (left, top, right, bottom) in pixels; None: the largest centred square.
        side: of a centred square in pixels, where there is no box; 0: the largest.
        blur: whether the picture is blurred and then sampled without antialiasing, as IcGAN's and CDNet's code does.
        aligned: whether the box is one of CelebA's aligned pictures; in any other picture it is the central square.
        face: whether it is the square around the largest face; in a picture without one it is the central square.
    """

    text: str = "square"
    box: tuple[int, int, int, int] | None = None
    side: int = 0
    blur: bool = False
    aligned: bool = False
    face: bool = False

    def require(self) -> None:
        """Check that what it needs is installed.

        Raises:
            EdganError: it looks for faces, and OpenCV is missing.
        """
        if self.face:
            require_detector()

    def placed(self, picture: Image.Image) -> tuple[Crop, bool]:
        """The crop of one picture: of its size or its contents.

        Args:
            picture: decoded.

        Returns:
            A crop that is neither `aligned` nor `face`, and False where it is the central square because the picture
            is not one of CelebA's aligned ones or shows no face.

        Raises:
            EdganError: it looks for faces, and OpenCV is missing.
        """
        if self.face:
            box = face_square(picture)
        elif self.aligned:
            box = self._scaled(picture.size)
        else:
            return self, True
        return (SQUARE, False) if box is None else (Crop(self.text, box, blur=self.blur), True)

    def of(self, size: tuple[int, int]) -> tuple[int, int, int, int]:
        """The box in a picture of (width, height); of a crop that looks for faces, the central square.

        Raises:
            UndecodableError: it does not fit into the picture.
        """
        width, height = size
        side = self.side or min(size)
        left, top = (width - side) // 2, (height - side) // 2
        box = (self._scaled(size) if self.aligned else self.box) or (left, top, left + side, top + side)
        if box[0] < 0 or box[1] < 0 or box[2] > width or box[3] > height:
            raise UndecodableError(f"it has {width}x{height} pixels, and the crop {self.text} does not fit into that")
        return box

    def fit(self, picture: Image.Image, size: int, *, nearest: bool = False) -> Image.Image:
        """The part of a picture, resized to (size, size) with Lanczos (antialiased), or with nearest neighbour.

        Raises:
            UndecodableError: the box does not fit into the picture.
            EdganError: it looks for faces, and OpenCV is missing.
        """
        crop, _ = self.placed(picture)
        box = crop.of(picture.size)
        side = box[2] - box[0]
        sampling = Image.Resampling.NEAREST if nearest else Image.Resampling.LANCZOS
        if crop == SQUARE and side != size:  # here the filter also sees the pixels just outside the square
            return picture.resize((size, size), sampling, box=box)
        cut = picture.crop(box)
        if crop.blur and not nearest:
            return _blurred(cut, size)
        return cut if side == size else cut.resize((size, size), sampling)

    @property
    def key(self) -> list[str]:
        """What the cache's keys hold of it; empty for the usual one."""
        if self == SQUARE:
            return []
        return [self.text, str(_RULES)] if self.aligned or self.face else [self.text]

    def note(self, squares: int, pictures: int) -> str | None:
        """A sentence on pictures of which the central square was used instead; None where there are none.

        Args:
            squares: how many they are.
            pictures: how many there are in all.
        """
        if not squares:
            return None
        many = f"{squares:,} of {counted(pictures, 'picture')}"
        if self.face:
            return f"No face was found in {many}, so the central square is used there."
        width, height = ALIGNED
        return (
            f"The crop {self.text} is for CelebA's aligned pictures ({width}x{height} pixels, or {width // 2}x"
            f"{height // 2}). {many} {'has' if squares == 1 else 'have'} another shape, so the central square is used "
            "there."
        )

    def _scaled(self, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
        """The box in an aligned picture of (width, height); None where the picture has another ratio."""
        assert self.box is not None
        (width, height), (left, top, right, _) = size, self.box
        if width * ALIGNED[1] != height * ALIGNED[0]:
            return None
        x, y, side = (round(edge * width / ALIGNED[0]) for edge in (left, top, right - left))
        return x, y, x + side, y + side


class CropCount:
    """Counts the pictures of which a crop took the central square instead. Several threads may add to it."""

    def __init__(self) -> None:
        self.pictures = 0
        self.squares = 0
        self._lock = Lock()

    def add(self, found: bool) -> None:
        """Count one picture; `found` is what `Crop.placed` returned."""
        with self._lock:
            self.pictures += 1
            self.squares += not found


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
    "face": Crop("face", face=True),
    # Rows 40:188, columns 15:163 of aligned CelebA, blurred with a deviation of sqrt(148 / size) / 2: CDNet's code.
    "celeba-148": Crop("celeba-148", (15, 40, 163, 188), blur=True, aligned=True),
    # Rows 50:178, columns 25:153 of aligned CelebA: the code of Paper 3 and of Editable GAN.
    "celeba-128": Crop("celeba-128", (25, 50, 153, 178), aligned=True),
}
_FORMS = f"{', '.join(NAMED)}, a centred square such as 108, or rows and columns such as 50:178,25:153"
_SIDE = re.compile(r"[1-9][0-9]{0,5}")
_BOX = re.compile(r"([0-9]{1,6}):([0-9]{1,6}),([0-9]{1,6}):([0-9]{1,6})")


def parse_crop(text: str) -> Crop:
    """The crop that a text names: "square", "face", "celeba-148", "108", "50:178,25:153" (rows, then columns), ...

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
