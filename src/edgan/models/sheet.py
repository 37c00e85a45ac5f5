"""Sheets of pictures, for previews and reports."""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence

from PIL import Image, ImageDraw, ImageFont
from PIL.PngImagePlugin import PngInfo
from torch import Tensor

from edgan.models.pixels import to_image

GAP = 2
PREVIEW_SCALE = 2
ROWS = "rows"
"""The entry of a preview's PNG that names its rows, in JSON."""


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


def strip(pictures: Tensor, labels: Sequence[str], title: str, enlarge: int = 1) -> Image.Image:
    """Pictures in a row on white, each with its label below, and a title above.

    Args:
        pictures: (K, C, H, W) in [-1, 1]; small ones are enlarged to 64 pixels and more.
        labels: K texts.
        title: text above the row.
        enlarge: side of a pixel of the pictures in pixels of the strip, at least.

    Returns:
        An RGB image.
    """
    scale = max(enlarge, -(-64 // pictures.shape[-1]))
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


def preview_png(rows: Mapping[str, Tensor]) -> bytes:
    """A sheet at twice its size, as a PNG that names its rows.

    Args:
        rows: by name, each (N, C, H, W) in [-1, 1].
    """
    names, page = PngInfo(), io.BytesIO()
    names.add_text(ROWS, json.dumps(list(rows)))
    sheet(list(rows.values()), PREVIEW_SCALE).save(page, "PNG", pnginfo=names)
    return page.getvalue()


def row_names(preview: Image.Image) -> list[str]:
    """The names of a preview's rows; none where it does not say, as those of older versions do not."""
    try:
        names = json.loads(preview.info.get(ROWS, "[]"))
    except ValueError:
        return []
    return [str(name) for name in names] if isinstance(names, list) else []


def row_middles(height: int, count: int) -> list[float]:
    """The middles of a preview's rows, in pixels from the top.

    Args:
        height: of the preview.
        count: of its rows.
    """
    gap = PREVIEW_SCALE * GAP
    pitch = (height + gap) / max(1, count)
    return [(place + 0.5) * pitch - gap / 2 for place in range(count)]
