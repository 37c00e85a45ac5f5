"""Power spectra of grey images, and what the images of a spectral metric must be.

Frequencies are in cycles per pixel, up to 1/2 along an axis.
"""

from __future__ import annotations

import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.nets.precision import widened


def power_spectrum(images: Tensor) -> Tensor:
    """Power spectrum (N, H, W) of the grey images under a Hann window; white noise gives its variance.

    Args:
        images: (N, C, H, W) float; grey is the mean over channels, less its own mean over pixels.

    Returns:
        float64 (float32 on MPS); frequencies in the order of `torch.fft.fftfreq`.
    """
    grey = widened(images).mean(1)
    grey = grey - grey.mean((-2, -1), keepdim=True)
    height, width = grey.shape[-2:]
    window = torch.outer(
        torch.hann_window(height, dtype=grey.dtype, device=grey.device),
        torch.hann_window(width, dtype=grey.dtype, device=grey.device),
    )
    return torch.fft.fft2(grey * window).abs().square() / window.square().sum()


def check_images(images: Tensor, least_side: int) -> None:
    """Refuse anything but finite float images (N, C, H, W) of some size.

    Raises:
        UsageError: for another shape, no image, smaller images, or values that are not finite.
    """
    if images.ndim != 4 or not len(images):
        raise UsageError(f"Images must be (N, C, H, W) with N at least 1; these are {tuple(images.shape)}.")
    if not images.is_floating_point():
        raise UsageError(f"The images are {images.dtype}; they must be float (convert bytes x by x / 127.5 - 1).")
    height, width = images.shape[-2:]
    if min(height, width) < least_side:
        raise UsageError(
            f"The images are {width}x{height}; this metric needs at least {least_side} pixels on each side."
        )
    if not torch.isfinite(images).all():
        raise UsageError("The images contain NaN or infinite values.")
