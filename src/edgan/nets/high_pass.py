"""A high-pass filter: a picture minus its Gaussian blur."""

from __future__ import annotations

import math
from contextlib import nullcontext

import torch
import torch.nn.functional as F
from torch import Tensor

REACH = 3.0
"""Standard deviations at which the Gaussian is cut off."""


def high_pass(picture: Tensor, deviation: float) -> Tensor:
    """The picture minus its Gaussian blur. At the border the blur averages over the pixels inside the picture.

    Picture and blur are nearly equal, so the blur and the difference are computed in float32 or better, whatever the
    type of the picture, and under autocast too: the rounding of bfloat16 alone would look like a faint texture.

    Args:
        picture: (N, C, H, W).
        deviation: standard deviation of the Gaussian in pixels.

    Returns:
        (N, C, H, W), float32 or float64; a constant picture gives 0.
    """
    picture = picture.to(torch.promote_types(picture.dtype, torch.float32))
    reach = math.ceil(REACH * deviation)
    at = torch.arange(-reach, reach + 1, device=picture.device, dtype=picture.dtype)
    bell = torch.exp(-0.5 * (at / deviation).square())
    with nullcontext() if picture.is_meta else torch.autocast(picture.device.type, enabled=False):
        blurred = _along(_along(picture, bell[:, None]), bell[None, :])
    return picture - blurred


def _along(picture: Tensor, bell: Tensor) -> Tensor:
    """Blur in one direction; `bell` is (K, 1) or (1, K)."""
    padding = bell.shape[0] // 2, bell.shape[1] // 2
    channels = int(picture.shape[1])  # a plain number in a traced graph too: ONNX wants the kernel's shape to be fixed
    weight_inside = F.conv2d(torch.ones_like(picture[:1, :1]), bell[None, None], padding=padding)
    kernel = bell.expand(channels, 1, *bell.shape)
    return F.conv2d(picture, kernel, padding=padding, groups=channels) / weight_inside
