"""Frames of animations: pictures in a grid, with a caption."""

from __future__ import annotations

import math
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

from edgan.models.contact_sheet import CELL, GAP, INK, LARGEST, shown

ALONE, LARGEST_ALONE = 256, 1024
"""Pixels of a picture that is alone in its frame, at least and at most: viewers show an animation as it is."""
MOST_PICTURES = 36
CAPTION = 14


def grid_frame(pictures: Sequence[Image.Image], caption: str = "", enlarge: int = 1) -> Image.Image:
    """Pictures of one size in a nearly square grid on white.

    Args:
        pictures: at least one.
        caption: below the grid; an empty one takes no place.
        enlarge: side of a pixel of the pictures in pixels of the frame, at least; small pictures are enlarged anyway.

    Returns:
        An RGB image with even sides, as video needs them.
    """
    least, most = (ALONE, LARGEST_ALONE) if len(pictures) == 1 else (CELL, LARGEST)
    cells = [shown(picture, least, enlarge, most) for picture in pictures]
    across = math.ceil(math.sqrt(len(cells)))
    down = math.ceil(len(cells) / across)
    width, height = cells[0].size
    below = CAPTION + 14 if caption else 0
    whole = (across * (width + GAP) - GAP, down * (height + GAP) - GAP + below)
    frame = Image.new("RGB", (whole[0] + whole[0] % 2, whole[1] + whole[1] % 2), "white")
    for number, cell in enumerate(cells):
        place = (number % across * (width + GAP), number // across * (height + GAP))
        frame.paste(cell.convert("RGB"), place)
    if caption:
        middle = (frame.width // 2, frame.height - below // 2)
        ImageDraw.Draw(frame).text(middle, caption, fill=INK, font=ImageFont.load_default(CAPTION), anchor="mm")
    return frame
