"""Sheets of pictures, for previews and reports."""

from __future__ import annotations

from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont
from torch import Tensor

from edgan.models.pixels import to_image

GAP = 2


def sheet(rows: Sequence[Tensor], scale: int = 1) -> Image.Image:
    """A grid of images on white, with a row for each tensor.

    Args:
        rows: each (N, C, H, W) in [-1, 1], all of one shape.
        scale: side of a pixel of the images in pixels of the sheet.

    Returns:
        An RGB image with gaps of 2 pixels.
    """
    count, _, height, width = rows[0].shape
    page = Image.new("RGB", (count * (width + GAP) - GAP, len(rows) * (height + GAP) - GAP), "white")
    for y, row in enumerate(rows):
        for x, picture in enumerate(row):
            page.paste(to_image(picture).convert("RGB"), (x * (width + GAP), y * (height + GAP)))
    return page if scale == 1 else page.resize((page.width * scale, page.height * scale), Image.Resampling.NEAREST)


def strip(pictures: Tensor, labels: Sequence[str], title: str) -> Image.Image:
    """Pictures in a row on white, each with its label below, and a title above.

    Args:
        pictures: (K, C, H, W) in [-1, 1]; small ones are enlarged to 64 pixels and more.
        labels: K texts.
        title: text above the row.

    Returns:
        An RGB image.
    """
    scale = max(1, -(-64 // pictures.shape[-1]))
    row = sheet([pictures], scale)
    small, large = ImageFont.load_default(size=10), ImageFont.load_default(size=12)
    page = Image.new("RGB", (row.width, row.height + 34), "white")
    page.paste(row, (0, 18))
    draw = ImageDraw.Draw(page)
    draw.text((2, 2), title, fill="black", font=large)
    pitch = (pictures.shape[-1] + GAP) * scale
    for index, label in enumerate(labels):
        middle = index * pitch + (pitch - GAP * scale) // 2
        draw.text((middle, row.height + 20), label, fill="black", font=small, anchor="mt")
    return page
