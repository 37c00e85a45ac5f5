"""Rendered facades: a label map, and photographs of it in materials that the map does not determine."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgan.synthetic.canvas import check_size
from edgan.synthetic.facade_layout import FACADE_CLASSES, FACADE_PALETTE, Box, lay_out
from edgan.synthetic.facade_photo import paint_facade


def render_facades(
    count: int, size: int, seed: int = 0, start: int = 0, material_seed: int | None = None
) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """Draw facades `start` to `start + count` of the set `seed`: photographs and their label maps.

    (seed, index, size) determine the label map; (material_seed, index) alone determine the photograph's materials
    (wall, colours, stains, reflections, curtains, grain), so a map can be rendered in many materials.

    Args:
        count: the number of facades.
        size: side in pixels, at least 16.
        seed: of the set.
        start: index of the first facade.
        material_seed: seed of the materials; None: `seed`.

    Returns:
        Photographs uint8 (count, size, size, 3) and labels uint8 (count, size, size), indices into `FACADE_CLASSES`.

    Raises:
        UsageError: size below 16, or a count below 0.
    """
    check_size(count, size)
    photos = np.empty((count, size, size, 3), dtype=np.uint8)
    labels = np.empty((count, size, size), dtype=np.uint8)
    for position in range(count):
        index = start + position
        boxes = lay_out(seed, index)
        labels[position] = draw_labels(boxes, size)
        photos[position] = paint_facade(boxes, size, (seed if material_seed is None else material_seed, index))
    return photos, labels


def draw_labels(boxes: list[Box], size: int) -> NDArray[np.uint8]:
    """The label map of a layout, (size, size) uint8: each pixel belongs to the last box that covers its centre."""
    labels = np.zeros((size, size), dtype=np.uint8)
    for box in boxes:
        rows = slice(max(0, round(box.top * size)), max(0, round(box.bottom * size)))
        columns = slice(max(0, round(box.left * size)), max(0, round(box.right * size)))
        labels[rows, columns] = FACADE_CLASSES.index(box.kind)
    return labels


def colour_labels(labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Label maps (..., H, W) in the colours of the CMP data base, uint8 (..., H, W, 3)."""
    return np.asarray(FACADE_PALETTE, dtype=np.uint8)[labels]
