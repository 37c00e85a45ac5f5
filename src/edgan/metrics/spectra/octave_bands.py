"""Power of images by octave of frequency."""

from __future__ import annotations

import torch
from torch import Tensor

from edgan.metrics.spectra.power_spectrum import check_images, power_spectrum


def octave_bands(images: Tensor) -> Tensor:
    """Power by octave of radial frequency: band k holds radii in (2^-(k+2), 2^-(k+1)] cycles per pixel, finest first.

    Band 0 also takes the corners beyond radius 1/2, and the last band everything below, so the bands add up to the
    windowed image's variance (the mean colour is removed first). Grey is the mean over channels.

    Args:
        images: (N, C, H, W) float, sides of at least 8 pixels.

    Returns:
        (N, B) with B = floor(log2(min(H, W))) - 1.

    Raises:
        UsageError: as `high_frequency_energy`.
    """
    check_images(images, least_side=8)
    power = power_spectrum(images)
    height, width = power.shape[-2:]
    vertical = torch.fft.fftfreq(height, device=images.device)
    horizontal = torch.fft.fftfreq(width, device=images.device)
    radius = torch.hypot(vertical[:, None], horizontal[None, :])
    bands = min(height, width).bit_length() - 2
    # log2(1/2) = -1 belongs to band 0; radius 0 carries no power once the mean is gone.
    band = torch.floor(-torch.log2(radius.clamp(min=2.0**-30)) - 1 + 1e-6).clamp(0, bands - 1).long()
    result = torch.zeros(len(images), bands, dtype=power.dtype, device=images.device)
    return result.index_add_(1, band.flatten(), power.flatten(1)) / (height * width)
