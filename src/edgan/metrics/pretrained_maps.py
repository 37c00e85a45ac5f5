"""Pictures as pretrained features: the maps that KID and FID on features and the perceptual distance compare.

Every position of every map is scaled to a mean square of 1 over its channels, as in Zhang et al. 2018 (Section 3), so
that no map and no position weighs more because its numbers are larger.
"""

from __future__ import annotations

import functools

import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.errors import EdganError, UsageError
from edgan.nets.pretrained import CHANNELS, NAME, STRIDES, PretrainedFeatures, load_weights

LEAST_SIDE = 64
"""Smaller pictures are enlarged: at 28 px the map of stride 16 would have four positions, mostly padding."""
CHUNK = 64
"""Pictures in a forward."""
WIDTH = sum(CHANNELS)
WORDS = (
    f"{NAME}: means over the positions of its maps at strides {', '.join(map(str, STRIDES[:-1]))} and {STRIDES[-1]} "
    f"({WIDTH} features), each position scaled to a mean square of 1; pictures below {LEAST_SIDE} px enlarged to it by "
    "bilinear interpolation, grey repeated over the colours; not Inception"
)
"""What the features are, for a protocol."""
_EPSILON = 1e-8

Maps = tuple[Tensor, Tensor, Tensor]


def unavailable() -> str:
    """Why pretrained features cannot be computed on this machine, in a sentence; "" where they can."""
    try:
        load_weights()
    except EdganError as error:
        return str(error)
    return ""


def scaled_maps(images: Tensor) -> Maps:
    """The three maps of pictures, every position with a mean square of 1 over the channels.

    Args:
        images: (n, 1 or 3, H, W) in [-1, 1]; n is a number of pictures that memory can take at once.

    Returns:
        float32, (n, 24, h/4, w/4), (n, 40, h/8, w/8), (n, 112, h/16, w/16), of pictures enlarged to sides of 64 pixels
        or more.

    Raises:
        UsageError: the pictures have another shape.
        EdganError: the package with the weights is missing or damaged.
    """
    if images.ndim != 4 or images.shape[1] not in (1, 3) or not images.is_floating_point():
        raise UsageError(
            f"Pictures must be float (N, 1 or 3, H, W) in [-1, 1]; these are {images.dtype} {tuple(images.shape)}."
        )
    first, second, third = _network(images.device)(_enlarged(images.float()))
    return _scaled(first), _scaled(second), _scaled(third)


@torch.no_grad()
def pooled_features(images: Tensor) -> Tensor:
    """The mean of every channel of the scaled maps.

    All three maps are used: on faces and on garments, their 176 means set blurred, noisy, gridded and repetitive
    pictures apart from real ones by more standard deviations than the 112 of the last map alone, and than means of maps
    that are not scaled.

    Args:
        images: (N, 1 or 3, H, W) in [-1, 1], N of any size; values outside are clipped.

    Returns:
        (N, 176) float32 on the pictures' device.

    Raises:
        As `scaled_maps`.
    """
    means = [
        torch.cat([values.mean((2, 3)) for values in scaled_maps(chunk.clamp(-1, 1))], 1)
        for chunk in images.split(CHUNK)
    ]
    return torch.cat(means) if means else images.new_zeros(0, WIDTH)


def _enlarged(images: Tensor) -> Tensor:
    side = min(images.shape[-2:])
    if side >= LEAST_SIDE:
        return images
    size = [round(length * LEAST_SIDE / side) for length in images.shape[-2:]]
    return F.interpolate(images, size=size, mode="bilinear", align_corners=False)


def _scaled(values: Tensor) -> Tensor:
    return values / (values.square().mean(1, keepdim=True).sqrt() + _EPSILON)


@functools.cache
def _network(device: torch.device) -> PretrainedFeatures:
    return PretrainedFeatures().to(device)
