"""Where in frequency an image has its energy: sharpness, octave bands, and the marks of transposed convolutions.

Images or residuals, (N, C, H, W) float of any finite range. Frequencies are in cycles per pixel, up to 1/2 along an
axis.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.errors import UsageError

LAPLACIAN = ((0.0, 1.0, 0.0), (1.0, -4.0, 1.0), (0.0, 1.0, 0.0))
HIGH_FREQUENCY_PROTOCOL = (
    "high-frequency energy: mean squared 3x3 Laplacian (4-neighbour kernel, inside the image), mean over channels "
    "and images"
)

PERIODS = (2, 4, 8)
# 25 groups of 16 or 64 real faces, at four sizes and upscaled in four ways, reach 5.9; a faint checkerboard exceeds 10.
PEAK_THRESHOLD = 8.0
PEAK_MIN_IMAGES = 16
PEAK_MIN_SIDE = 32
# A Hann window spreads a line over its two neighbours; the background begins beyond them.
BACKGROUND = (2, 3, 4)
DIRECTIONS = ((0, 1), (1, 0), (1, 1), (1, -1))
PERIODIC_PEAK_PROTOCOL = (
    "periodic peak: power of the grey images (Hann window, mean over images) at the frequencies of period 2, 4 and 8 "
    "pixels, over the background 2 to 4 bins away on both sides: geometric mean of the sides, median of the three "
    f"distances, largest of four directions; a ratio of {PEAK_THRESHOLD:g} or more is a peak"
)


def high_frequency_energy(images: Tensor) -> Tensor:
    """Mean squared Laplacian: how much fine detail, edges and noise an image holds.

    The kernel is [[0, 1, 0], [1, -4, 1], [0, 1, 0]], applied per channel where it lies wholly inside the image.

    Args:
        images: (N, C, H, W) float, sides of 3 pixels or more.

    Returns:
        (N,), the mean over channels and pixels, in squared units of the images.

    Raises:
        UsageError: for another shape, no image, or values that are not finite.
    """
    _check(images, side=3)
    channels = images.shape[1]
    kernel = torch.tensor(LAPLACIAN, dtype=images.dtype, device=images.device).expand(channels, 1, 3, 3)
    return F.conv2d(images, kernel, groups=channels).square().flatten(1).mean(1)


def octave_bands(images: Tensor) -> Tensor:
    """Power by octave of radial frequency: band k holds radii in (2^-(k+2), 2^-(k+1)] cycles per pixel, finest first.

    Band 0 also takes the corners beyond radius 1/2, and the last band everything below, so the bands add up to the
    windowed image's variance (the mean colour is removed first). Grey is the mean over channels.

    Args:
        images: (N, C, H, W) float, sides of 8 pixels or more.

    Returns:
        (N, B) with B = floor(log2(min(H, W))) - 1.

    Raises:
        UsageError: as `high_frequency_energy`.
    """
    _check(images, side=8)
    power = _power(images)
    height, width = power.shape[-2:]
    vertical = torch.fft.fftfreq(height, device=images.device)
    horizontal = torch.fft.fftfreq(width, device=images.device)
    radius = torch.hypot(vertical[:, None], horizontal[None, :])
    bands = min(height, width).bit_length() - 2
    # log2(1/2) = -1 belongs to band 0; radius 0 carries no power once the mean is gone.
    band = torch.floor(-torch.log2(radius.clamp(min=2.0**-30)) - 1 + 1e-6).clamp(0, bands - 1).long()
    result = torch.zeros(len(images), bands, dtype=power.dtype, device=images.device)
    return result.index_add_(1, band.flatten(), power.flatten(1)) / (height * width)


@dataclass(frozen=True)
class PeriodicPeak:
    """How far the checkerboard frequencies stand out.

    Attributes:
        ratio: the largest power over background among all frequencies looked at; about 1 where there is no pattern.
        period: the period in pixels at which it was found, 2, 4 or 8.
        by_period: the largest ratio at each period.
        threshold: at or above it `found` is true.
    """

    ratio: float
    period: int
    by_period: Mapping[int, float]
    threshold: float = PEAK_THRESHOLD
    protocol: str = PERIODIC_PEAK_PROTOCOL

    @property
    def found(self) -> bool:
        """Whether the images carry a regular pattern of that period."""
        return self.ratio >= self.threshold


def periodic_peak(images: Tensor) -> PeriodicPeak:
    """Look for the checkerboards that stride-2 transposed convolutions leave (Odena et al., "Deconvolution and
    Checkerboard Artifacts", 2016).

    One such layer writes a pattern of period 2 pixels, two in a row 4, three 8. The mean power spectrum of the grey
    images is read at every frequency whose two components are multiples of 1/8, and compared with the bins around it.
    Photographs slope steeply and have ridges along the axes, resized ones also along the edge of their band; so a peak
    must rise above both of its sides, and along every direction. See `PERIODIC_PEAK_PROTOCOL`.

    Args:
        images: (N, C, H, W) float of any range, 16 images or more, sides of 32 pixels or more; sides are cropped to a
            multiple of 8, so that the frequencies fall on bins.

    Raises:
        UsageError: for too few or too small images, another shape, or values that are not finite.
    """
    _check(images, side=PEAK_MIN_SIDE)
    if len(images) < PEAK_MIN_IMAGES:
        raise UsageError(
            f"A periodic peak is read off a mean over images and {len(images)} are too few to tell it from chance; "
            f"give {PEAK_MIN_IMAGES} or more."
        )
    height, width = (side - side % 8 for side in images.shape[-2:])
    power = _power(images[..., :height, :width]).mean(0)
    by_period = dict.fromkeys(PERIODS, 0.0)
    for i in range(5):
        for j in range(8):
            # (0, j) and (4, j) are their own mirror images: half of them suffice.
            if (i, j) == (0, 0) or (i in (0, 4) and j > 4):
                continue
            period = 8 if i % 2 or j % 2 else 4 if i % 4 or j % 4 else 2
            ratio = _stands_out(power, i * height // 8, j * width // 8)
            by_period[period] = max(by_period[period], ratio)
    period = max(by_period, key=lambda p: by_period[p])
    return PeriodicPeak(by_period[period], period, by_period)


def _stands_out(power: Tensor, row: int, column: int) -> float:
    """Power at one bin over the median of its background."""
    height, width = power.shape
    floor = torch.finfo(power.dtype).tiny

    def beside(down: int, right: int) -> Tensor:
        return power[(row + down) % height, (column + right) % width].clamp(min=floor)

    backgrounds = [
        torch.stack([(beside(k * y, k * x) * beside(-k * y, -k * x)).sqrt() for k in BACKGROUND]).median()
        for y, x in DIRECTIONS
    ]
    return float(power[row, column] / torch.stack(backgrounds).max())


def _power(images: Tensor) -> Tensor:
    """Power spectrum (N, H, W) of the grey images under a Hann window; white noise gives its variance."""
    grey = images.double().mean(1)
    grey = grey - grey.mean((-2, -1), keepdim=True)
    height, width = grey.shape[-2:]
    window = torch.outer(
        torch.hann_window(height, dtype=grey.dtype, device=grey.device),
        torch.hann_window(width, dtype=grey.dtype, device=grey.device),
    )
    return torch.fft.fft2(grey * window).abs().square() / window.square().sum()


def _check(images: Tensor, side: int) -> None:
    if images.ndim != 4 or not len(images):
        raise UsageError(f"Images are (N, C, H, W) with N at least 1; these are {tuple(images.shape)}.")
    if not images.is_floating_point():
        raise UsageError(f"The images are {images.dtype}; they must be float (bytes x become x / 127.5 - 1).")
    height, width = images.shape[-2:]
    if min(height, width) < side:
        raise UsageError(f"The images are {width}x{height}; this measure needs {side} pixels or more on each side.")
    if not torch.isfinite(images).all():
        raise UsageError("The images hold NaN or infinite values; find where they come from first.")
