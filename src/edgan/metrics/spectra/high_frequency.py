"""Energy at high frequencies: how much fine detail a picture has."""

from __future__ import annotations

import math

import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.metrics.metric import SetMetric
from edgan.metrics.spectra.power_spectrum import check_images

LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))
PLAIN = 1e-9
"""Below this energy images have no detail: one pixel in a million that is a grey level off gives more."""
HIGH_FREQUENCY_PROTOCOL = (
    "fine detail: mean squared 3x3 Laplacian (4-neighbour kernel, inside the image) of the clipped pictures, mean over "
    "channels and pictures, over that of the real images"
)


def high_frequency_energy(images: Tensor) -> Tensor:
    """Mean squared Laplacian: how much fine detail, edges and noise an image has.

    The kernel is [[0, 1, 0], [1, -4, 1], [0, 1, 0]], applied per channel where it lies wholly inside the image.

    Args:
        images: (N, C, H, W) float, sides of at least 3 pixels.

    Returns:
        (N,), the mean over channels and pixels, in squared units of the images.

    Raises:
        UsageError: for another shape, no image, or values that are not finite.
    """
    check_images(images, least_side=3)
    channels = images.shape[1]
    kernel = torch.tensor(LAPLACIAN, dtype=images.dtype, device=images.device).expand(channels, 1, 3, 3)
    return F.conv2d(images, kernel, groups=channels).square().flatten(1).mean(1)


def energy_ratio(pictures: Tensor, images: Tensor) -> float:
    """`high_frequency_energy` of pictures, mean over them, as a multiple of that of real images.

    Args:
        pictures, images: (N, C, H, W) and (M, C, H, W) in [-1, 1].

    Returns:
        NaN where the real images are plain: there is nothing to compare with.

    Raises:
        UsageError: as `high_frequency_energy`.
    """
    energy = high_frequency_energy(images).mean()
    return float(high_frequency_energy(pictures).mean() / energy) if energy >= PLAIN else math.nan


class RunningEnergyRatio:
    """`energy_ratio` of sets that are added part by part."""

    def __init__(self) -> None:
        self._pictures: list[float] = []
        self._images: list[float] = []

    def add(self, pictures: Tensor, images: Tensor) -> None:
        """Add pictures (n, C, H, W) and real images (m, C, H, W)."""
        self._pictures += high_frequency_energy(pictures).tolist()
        self._images += high_frequency_energy(images).tolist()

    def join(self, other: RunningEnergyRatio) -> None:
        """Add the pictures and images of another."""
        self._pictures += other._pictures
        self._images += other._images

    def value(self) -> float:
        """As `energy_ratio` of all pictures and images."""
        energy = math.fsum(self._images) / len(self._images)
        return math.fsum(self._pictures) / len(self._pictures) / energy if energy >= PLAIN else math.nan


METRIC = SetMetric(
    name="energy",
    title="Fine detail, × real",
    form="{:.2f}",
    better="near 1",
    protocol=HIGH_FREQUENCY_PROTOCOL,
    uses=("evaluate", "training"),
    least_side=3,
    measure=energy_ratio,
    running=RunningEnergyRatio,
)
