"""The photograph of a facade: elements painted in their materials, then shadows and weather over them."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgan.synthetic.canvas import OVERSAMPLING, Field, finish, flat_noise, grid
from edgan.synthetic.facade_layout import Box
from edgan.synthetic.materials import PAINTERS, Element, Palette, choose_palette

SHADOWS = {"sill": 0.012, "balcony": 0.02, "cornice": 0.016, "pillar": 0.008, "deco": 0.01, "molding": 0.006}


def paint_facade(boxes: list[Box], size: int, key: tuple[int, int]) -> NDArray[np.uint8]:
    """The photograph of a layout.

    Args:
        boxes: as `lay_out` returns them.
        size: side in pixels.
        key: (material seed, index); determines everything that the layout leaves open.

    Returns:
        (size, size, 3) uint8.
    """
    palette = choose_palette(key, size)
    side = size * OVERSAMPLING
    picture = np.empty((3, side, side), dtype=np.float32)
    for box in boxes:
        top, bottom = (min(max(round(edge * side), 0), side) for edge in (box.top, box.bottom))
        left, right = (min(max(round(edge * side), 0), side) for edge in (box.left, box.right))
        if bottom <= top or right <= left:
            continue
        area = np.s_[top:bottom, left:right]
        height, width = bottom - top, right - left
        element = Element(
            view=picture[:, top:bottom, left:right],
            fine=palette.fine[area],
            middle=palette.middle[area],
            across=((np.arange(width, dtype=np.float32) + 0.5) / width)[None, :],
            down=((np.arange(height, dtype=np.float32) + 0.5) / height)[:, None],
            pixels=(width / side, height / side),
        )
        PAINTERS[box.kind](element, palette)
        _cast_shadow(picture, box, (top, bottom, left, right), side)
    _weather(picture, boxes, palette, size)
    return finish(picture)


def _cast_shadow(picture: Field, box: Box, edges: tuple[int, int, int, int], side: int) -> None:
    """The light comes from the upper left, so what stands out darkens what is below and to the right of it."""
    if box.kind not in SHADOWS:
        return
    top, bottom, left, right = edges
    reach = max(1, round(SHADOWS[box.kind] * side))
    picture[:, bottom : bottom + reach, left + reach // 2 : right + reach // 2] *= 0.62
    picture[:, top + reach : bottom, right : right + max(1, reach // 2)] *= 0.7


def _weather(picture: Field, boxes: list[Box], p: Palette, size: int) -> None:
    """Soot, rain streaks and damp on the building, and uneven light over the whole picture."""
    _, y = grid(size)
    house = boxes[1]
    side = size * OVERSAMPLING
    area = np.s_[
        :, round(house.top * side) : round(house.bottom * side), round(house.left * side) : round(house.right * side)
    ]
    streaks = flat_noise(p.rng, 72, size, 5)
    soot = 1 - np.clip(0.05 + 0.11 * p.broad + 0.12 * np.clip(streaks, 0, 2), 0, 0.5)
    damp = 1 - 0.3 * np.clip((y - 0.62) * 2.2 + 0.22 * p.middle, 0, 1) * np.clip(0.5 + 0.4 * p.broad, 0, 1)
    picture[area] *= (soot * damp)[area[1:]]
    picture *= 0.98 + 0.06 * p.broad
