"""The rows of a sheet, as pictures again: a benchmark's units leave small sheets, and larger ones are put together."""

from __future__ import annotations

from pathlib import Path

from PIL import Image

from edgan.models.sheet import GAP


def rows_of(path: Path, side: int) -> list[tuple[Image.Image, ...]]:
    """The rows of pictures on a sheet that `edgan.models.sheet.sheet` drew.

    Args:
        path: of the PNG.
        side: of each picture in pixels.
    """
    with Image.open(path) as page:
        whole = page.convert("RGB")
    tops, lefts = range(0, whole.height, side + GAP), range(0, whole.width, side + GAP)
    return [tuple(whole.crop((left, top, left + side, top + side)) for left in lefts) for top in tops]
