"""Digits as strokes of a pen, white on black: the digit is known, and each has its own slant, width and hand."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from edgan.synthetic.canvas import Field, check_size, stream

TAG = 3
"""Keeps the random stream apart from those of other sets."""
FINE = 256
"""Side of the canvas in pixels; larger pictures have one of twice their side."""
HEIGHT = 0.58
"""Of a digit, as a share of the picture's side, before it is varied."""


def _arc(centre: tuple[float, float], radii: tuple[float, float], first: float, last: float) -> Field:
    """Points (N, 2) on an ellipse between two angles in degrees; 0 is right, 90 is down."""
    angles = np.deg2rad(np.linspace(first, last, 24))
    return np.stack([centre[0] + radii[0] * np.cos(angles), centre[1] + radii[1] * np.sin(angles)], 1)


def _line(*points: tuple[float, float]) -> Field:
    return np.array(points)


_STROKES: tuple[tuple[Field, ...], ...] = (
    (_arc((0.5, 0.5), (0.33, 0.5), -90, 270),),
    (_line((0.5, 0), (0.5, 1)),),
    (np.concatenate([_arc((0.48, 0.29), (0.35, 0.29), 190, 395), _line((0.12, 1), (0.9, 0.98))]),),
    (np.concatenate([_arc((0.45, 0.25), (0.32, 0.25), 205, 440), _arc((0.45, 0.73), (0.38, 0.27), 280, 515)]),),
    (_line((0.32, 0), (0.12, 0.58), (0.92, 0.56)), _line((0.7, 0.22), (0.62, 1))),
    (np.concatenate([_line((0.85, 0.02), (0.32, 0), (0.24, 0.46)), _arc((0.47, 0.69), (0.36, 0.31), 232, 510)]),),
    (np.concatenate([_line((0.68, 0), (0.4, 0.26)), _arc((0.5, 0.7), (0.32, 0.3), 190, 550)]),),
    (_line((0.12, 0.02), (0.88, 0.04), (0.42, 1)),),
    (_arc((0.5, 0.25), (0.27, 0.25), 90, 450), _arc((0.5, 0.74), (0.33, 0.26), -90, 270)),
    (np.concatenate([_arc((0.5, 0.28), (0.3, 0.28), 0, -360), _line((0.8, 0.3), (0.68, 1))]),),
)
"""The strokes of 0 to 9 in a square of side 1; y points down."""


def render_digits(count: int, size: int, seed: int = 0, start: int = 0) -> tuple[NDArray[np.uint8], NDArray[np.int64]]:
    """Digits as MNIST has them: white on black, with their centre of mass in the middle.

    Args:
        count: how many.
        size: side in pixels, at least 16.
        seed: of the set.
        start: index of the first. The same (seed, index, size) always gives the same picture.

    Returns:
        Pictures (N, size, size) uint8, and the digits (N,): 0 to 9 in turn.

    Raises:
        UsageError: a count below 0 or a size below 16.
    """
    check_size(count, size)
    digits = np.arange(start, start + count) % 10
    pictures = [_render(int(digit), size, stream(TAG, seed, index)) for index, digit in enumerate(digits, start)]
    return np.array(pictures, np.uint8).reshape(count, size, size), digits.astype(np.int64)


def _render(digit: int, size: int, random: np.random.Generator) -> NDArray[np.uint8]:
    """One digit (size, size) by one hand: slant, turn, width, height, thickness, and strokes that are a little off."""
    slant, turn = random.uniform(-0.1, 0.4), random.normal(0, 0.06)
    width, height = HEIGHT * random.uniform(0.75, 1.1), HEIGHT * random.uniform(0.94, 1.04)
    thickness = random.uniform(0.07, 0.125)
    shear = np.array([[1, -slant], [0, 1]])
    rotation = np.array([[np.cos(turn), -np.sin(turn)], [np.sin(turn), np.cos(turn)]])
    to_page = rotation @ shear @ np.diag([width, height])
    side = max(FINE, 2 * size)
    canvas = Image.new("L", (side, side))
    draw = ImageDraw.Draw(canvas)
    radius = 0.5 * thickness * side
    for stroke in _STROKES[digit]:
        off = random.normal(0, 0.03, 2) + random.normal(0, 0.03, 2) * (stroke - 0.5)
        points = ((stroke + off - 0.5) @ to_page.T + 0.5) * side
        draw.line([tuple(point) for point in points], 255, round(2 * radius), joint="curve")
        for x, y in points:  # round ends and corners
            draw.ellipse((x - radius, y - radius, x + radius, y + radius), fill=255)
    drawn = np.asarray(canvas)
    rows, columns = np.nonzero(drawn)
    centre = side // 2 - round(float(rows.mean())), side // 2 - round(float(columns.mean()))
    return np.asarray(Image.fromarray(np.roll(drawn, centre, (0, 1))).resize((size, size), Image.Resampling.BOX))
