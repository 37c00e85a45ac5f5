"""Energy distance between two sets of pictures, octave by octave."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.metrics.metric import SetMetric

COARSEST = 4


def energy_distance(pictures: Tensor, images: Tensor) -> float:
    """Normalised energy distance between sets of pictures, mean over the octaves of a Laplacian pyramid.

    1 - (E|X - X'| + E|Y - Y'|) / 2E|X - Y| of the pixels of an octave, so that fine detail counts as much as layout.
    Source: Székely and Rizzo, "Energy statistics: a class of statistics based on distances" (2013), Section 6.

    Args:
        pictures, images: (N, C, H, W) and (M, C, H, W) in [-1, 1]; N and M at least 2 (0 otherwise).

    Returns:
        0 for equal distributions, up to 1; a little below 0 by chance, since the estimate is unbiased.
    """
    if min(len(pictures), len(images)) < 2:
        return 0.0
    octaves = zip(_octaves(pictures.float()), _octaves(images.float()), strict=True)
    return float(torch.stack([_normalised(made, real) for made, real in octaves]).mean())


def _octaves(images: Tensor) -> list[Tensor]:
    """What each scale adds to the next coarser one, finest first, then the coarsest scale; (N, D) each."""
    octaves = []
    while min(images.shape[-2:]) >= 2 * COARSEST:
        coarse = F.avg_pool2d(images, 2, ceil_mode=True, count_include_pad=False)
        fine = images - F.interpolate(coarse, size=images.shape[-2:], mode="bilinear", align_corners=False)
        octaves.append(fine.flatten(1))
        images = coarse
    return [*octaves, images.flatten(1)]


def _normalised(made: Tensor, real: Tensor) -> Tensor:
    between = torch.cdist(made, real).mean()
    within = sum(torch.cdist(x, x).sum() / (len(x) * (len(x) - 1)) for x in (made, real))
    return 1 - within / (2 * between).clamp_min(1e-12)


METRIC = SetMetric(
    name="energy_distance",
    title="Energy distance",
    form="{:.3f}",
    better="lower",
    protocol="energy distance: normalised, between the pixels of outputs and real images, mean over octaves",
    uses=("training",),
    output_only=True,
    measure=energy_distance,
)
