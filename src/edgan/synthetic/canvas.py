"""What every rendered picture needs: a grid of points, soft edges, noise independent of the size, compositing.

A picture is computed on a grid of twice the resolution in each direction, with edges that are soft over one fine pixel,
and then averaged down, so that edges, thin hair and mortar lines do not alias.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from edgan.errors import UsageError

Field = NDArray[np.floating[Any]]
OVERSAMPLING = 2
SMALLEST = 16


def check_size(count: int, size: int) -> None:
    """Check the number of pictures and their side in pixels.

    Raises:
        UsageError: `count` is below 0, or `size` is below 16, where no feature could be seen.
    """
    if size < SMALLEST:
        raise UsageError(f"must be at least {SMALLEST} pixels (got {size}).", parameter="size")
    if count < 0:
        raise UsageError(f"must be at least 0 (got {count}).", parameter="count")


@lru_cache(maxsize=8)
def grid(size: int) -> tuple[Field, Field]:
    """x (1, R) and y (R, 1) of the fine grid's pixel centres in [-1, 1], R = 2 size; y points down."""
    side = size * OVERSAMPLING
    line = ((np.arange(side, dtype=np.float32) + 0.5) / side * 2 - 1).astype(np.float32)
    return line[None, :], line[:, None]


def pixel(size: int) -> float:
    """Width of one fine pixel in the units of `grid`."""
    return 2.0 / (size * OVERSAMPLING)


def soft(distance: Field, width: float) -> Field:
    """0 outside, 1 inside, a ramp of `width` about distance 0; `distance` is positive inside."""
    return np.clip(distance * np.float32(1 / width) + np.float32(0.5), 0, 1)


def bump(squared: Field) -> Field:
    """exp(-squared): a round bump of height 1 from a squared, scaled distance."""
    return np.exp(-squared)


def stream(*key: int) -> np.random.Generator:
    """The random stream of a key; the streams of different keys are independent."""
    return np.random.default_rng(np.random.SeedSequence(key))


def flat_noise(rng: np.random.Generator, cells: int, size: int, rows: int | None = None) -> Field:
    """Smooth noise over the picture, `cells` random values wide and `rows` (or as many) high: (R, R), standard normal.

    The same stream gives the same noise at every size.
    """
    knots = rng.standard_normal((rows or cells, cells), dtype=np.float32)
    side = size * OVERSAMPLING
    return np.asarray(Image.fromarray(knots).resize((side, side), Image.Resampling.BICUBIC), dtype=np.float32)


def warped_noise(knots: Field, row: Field, column: Field) -> Field:
    """Noise at given places, bilinear between knots and periodic.

    Args:
        knots: (P, Q) random values; P and Q are powers of two.
        row: (R, R) place along the first axis, in knots.
        column: (R, R) place along the second axis, in knots.

    Returns:
        (R, R), in the range of the knots.
    """
    rows, columns = knots.shape
    top, left = np.floor(row), np.floor(column)
    down, right = row - top, column - left
    i, j = top.astype(np.int32) & (rows - 1), left.astype(np.int32) & (columns - 1)
    below, next_j = ((i + 1) & (rows - 1)) * columns, (j + 1) & (columns - 1)
    i *= columns
    flat = knots.ravel()
    upper = flat.take(i + j)
    upper += (flat.take(i + next_j) - upper) * right
    lower = flat.take(below + j)
    lower += (flat.take(below + next_j) - lower) * right
    return upper + (lower - upper) * down


def paint(picture: Field, mask: Field, colour: Field | Sequence[float] | Sequence[Field]) -> None:
    """Paint a colour over the picture where the mask is 1, in place.

    Args:
        picture: (3, R, R).
        mask: (R, R) in [0, 1].
        colour: three numbers, or (3, R, R).
    """
    for channel in range(3):
        picture[channel] += (colour[channel] - picture[channel]) * mask


def darken(picture: Field, mask: Field, factors: Sequence[float]) -> None:
    """Multiply the picture by a factor for each channel where the mask is 1, in place."""
    for channel in range(3):
        picture[channel] *= 1 - mask * np.float32(1 - factors[channel])


def finish(picture: Field) -> NDArray[np.uint8]:
    """A picture (3, R, R) in [0, 1] averaged down to (size, size, 3) uint8."""
    side = picture.shape[1] // OVERSAMPLING
    summed = picture.reshape(3, side, OVERSAMPLING, side, OVERSAMPLING).sum(axis=(2, 4))
    scaled = summed * np.float32(255 / OVERSAMPLING**2) + np.float32(0.5)
    return np.ascontiguousarray(np.clip(scaled, 0, 255).astype(np.uint8).transpose(1, 2, 0))


def mix(first: Sequence[float], second: Sequence[float], share: float) -> tuple[float, float, float]:
    """The colour `share` of the way from the first to the second."""
    r, g, b = (a + (c - a) * share for a, c in zip(first, second, strict=True))
    return r, g, b


def hue(turn: float, saturation: float, value: float) -> tuple[float, float, float]:
    """A colour from its hue in turns, saturation and value, each in [0, 1]."""
    r, g, b = (value * (1 - saturation * min(max(abs((turn * 6 + k) % 6 - 3) - 1, 0), 1)) for k in (3, 1, 5))
    return r, g, b
