"""Class-index maps as a network reads them, and as a person sees them."""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

from edgan.data.build import PALETTE

FLAT = 4
SAMPLED = 64


def one_hot(index: Tensor, classes: int) -> Tensor:
    """Class indices as a one-hot image.

    Args:
        index: (N, H, W) uint8, each below `classes`.
        classes: the number of classes.

    Returns:
        (N, classes, H, W) float32, 1 in the channel of the pixel's class and -1 in the others; channels-last memory.
    """
    planes = index[..., None] == torch.arange(classes, device=index.device, dtype=torch.uint8)
    return planes.permute(0, 3, 1, 2).to(torch.float32).mul_(2.0).sub_(1.0)


def paint(sources: Tensor) -> Tensor:
    """Sources as pictures: one-hot sources in the colour of each pixel's class, other sources unchanged.

    Args:
        sources: (N, C, H, W) in [-1, 1]; pictures where C is 1 or 3, otherwise one channel for each class.

    Returns:
        (N, 1 or 3, H, W) in [-1, 1].
    """
    if sources.shape[1] in (1, 3):
        return sources
    colours = torch.from_numpy(PALETTE.astype(np.float32) / 127.5 - 1.0).to(sources)
    return colours[sources.argmax(1)].permute(0, 3, 1, 2)


def flatness(picture: np.ndarray) -> float:
    """The share of neighbouring pixels that hardly differ: near 1 for label maps and drawings, lower for photos.

    Args:
        picture: (H, W) or (H, W, C) uint8.

    Returns:
        From 0 to 1; 1 for a picture one pixel wide.
    """
    levels = picture.astype(np.int16)
    levels = levels.mean(2) if levels.ndim == 3 else levels
    if levels.shape[1] < 2:
        return 1.0
    return float((np.abs(np.diff(levels, axis=1)) <= FLAT).mean())


def swapped(image: list[float], source: list[float]) -> bool:
    """Whether images and sources look swapped: the images are flat like label maps and the sources are not.

    Args:
        image, source: flatness of the two sides, pair by pair.
    """
    if not image:
        return False
    flatter = np.mean(np.array(image) > np.array(source))
    return bool(flatter > 0.9 and np.mean(image) > 0.7 and np.mean(image) - np.mean(source) > 0.15)


SWAPPED = (
    "The images of these pairs look like label maps or drawings, and their sources like photos. If the photos are what "
    "the model should generate, the sides are swapped: change the direction (the setting pairs.direction). BtoA takes "
    "the left half, A/ or images/ for the image, AtoB the other side."
)
