"""Whether float pictures lie in [0, 1] where [-1, 1] is asked for, and whether an array holds one picture or many.

Pictures in [0, 1], taken for pictures in [-1, 1], are pale, and nothing else gives them away: no value is below 0. A
set of bright pictures in [-1, 1] has no such value either. The two differ in where their values lie: pixels of 8 bits
are at k / 127.5 - 1 in [-1, 1], and at k / 255 in [0, 1], half of which lie between the former. So floats without a
value below 0 are refused unless they are 8-bit pixels in [-1, 1], or span less than .4: pictures in [0, 1] seldom do,
and what a generator draws before it has learned anything does. What remains: floats that never were 8-bit pixels, in
[-1, 1], rich in contrast and all brighter than mid-grey. They are refused as well, and the message says how to pass
them: rounded to 8 bits.
"""

from __future__ import annotations

import torch
from torch import Tensor

TOLERANCE = 1e-3
CONTRAST = 0.4
GRID = 0.1
"""How far from k / 127.5 - 1 a value may lie, in steps of k; half-precision floats near 1 are off by .06."""

UNIT_RANGE = (
    "no value below 0, as if they were in [0, 1]; they must be in [-1, 1]. Scale them by 2 * x - 1. "
    "If they are in [-1, 1] and all brighter than mid-grey, round them to 8 bits first"
)
COLOURS = (3, 4)


def looks_like_unit_range(values: Tensor) -> bool:
    """Whether float pixels are probably in [0, 1]; False for integers.

    Args:
        values: finite, of any shape. bfloat16 is too coarse to tell, and gives False.
    """
    if not values.is_floating_point() or not values.numel() or torch.finfo(values.dtype).eps > TOLERANCE:
        return False
    low, high = (float(end) for end in values.aminmax())
    if low < 0 or high - low < CONTRAST or high > 1 + TOLERANCE:
        return False
    steps = (values.float() + 1) * 127.5
    return bool(((steps - steps.round()).abs() > GRID).any())


def holds_one_picture(shape: tuple[int, ...], channels_last: bool) -> bool:
    """Whether an array of three axes is one colour picture, (H, W, 3) or (3, H, W), and not N grey ones.

    Args:
        shape: of the array.
        channels_last: whether its colours would stand last, as in bytes; in floats they stand first.
    """
    if len(shape) != 3:
        return False
    channels, *sides = (shape[2], *shape[:2]) if channels_last else shape
    return channels in COLOURS and min(sides) > max(COLOURS)
