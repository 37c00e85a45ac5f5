"""Checkerboards: regular patterns of 2, 4 or 8 pixels, as transposed convolutions leave them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics.metric import ResidualMetric
from edgan.metrics.spectra.power_spectrum import check_images, power_spectrum

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


@dataclass(frozen=True)
class PeriodicPeak:
    """How far the checkerboard frequencies stand out.

    Attributes:
        ratio: the largest power over background among all frequencies searched; about 1 where there is no pattern.
        period: the period in pixels with that ratio, 2, 4 or 8.
        by_period: the largest ratio at each period.
        threshold: at or above it `found` is true.
        protocol: how it was measured.
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
    """Search for the checkerboards that stride-2 transposed convolutions leave (Odena et al., "Deconvolution and
    Checkerboard Artifacts", 2016).

    One such layer writes a pattern of period 2 pixels, two in a row 4, three 8. The mean power spectrum of the grey
    images is read at every frequency whose two components are multiples of 1/8, and compared with the bins around it.
    Photographs slope steeply and have ridges along the axes, resized ones also along the edge of their band; so a peak
    must rise above both of its sides, and along every direction. See `PERIODIC_PEAK_PROTOCOL`.

    Args:
        images: (N, C, H, W) float of any range, at least 16 images with sides of at least 32 pixels; sides are cropped
            to a multiple of 8, so that the frequencies fall on bins.

    Raises:
        UsageError: for too few or too small images, another shape, or values that are not finite.
    """
    check_images(images, least_side=PEAK_MIN_SIDE)
    if len(images) < PEAK_MIN_IMAGES:
        raise UsageError(
            f"periodic_peak needs at least {PEAK_MIN_IMAGES} images (got {len(images)}): in a mean over fewer, chance "
            "peaks stand out too."
        )
    return _peak_of(_power(images).mean(0))


def _power(images: Tensor) -> Tensor:
    """The power spectra of the images, cropped to sides that are multiples of 8: (N, H, W)."""
    height, width = (side - side % 8 for side in images.shape[-2:])
    return power_spectrum(images[..., :height, :width])


def _peak_of(power: Tensor) -> PeriodicPeak:
    """The peak in a mean power spectrum (H, W), whose sides are multiples of 8."""
    height, width = power.shape
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

    def neighbour(down: int, right: int) -> Tensor:
        return power[(row + down) % height, (column + right) % width].clamp(min=floor)

    backgrounds = [
        torch.stack([(neighbour(k * y, k * x) * neighbour(-k * y, -k * x)).sqrt() for k in BACKGROUND]).median()
        for y, x in DIRECTIONS
    ]
    return float(power[row, column] / torch.stack(backgrounds).max())


class RunningPeak:
    """The ratio of `periodic_peak` of images that are added part by part."""

    def __init__(self) -> None:
        self._power: Tensor | None = None
        self._count = 0

    def add(self, residual: Tensor) -> None:
        """Add residuals (n, C, H, W), with sides of at least 32 pixels."""
        check_images(residual, least_side=PEAK_MIN_SIDE)
        self._add(_power(residual).sum(0), len(residual))

    def join(self, other: RunningPeak) -> None:
        """Add the residuals of another."""
        if other._power is not None:
            self._add(other._power, other._count)

    def _add(self, power: Tensor, count: int) -> None:
        self._power = power if self._power is None else self._power + power
        self._count += count

    def value(self) -> float:
        """The largest power over its background, of all residuals."""
        assert self._power is not None
        return _peak_of(self._power / self._count).ratio


METRIC = ResidualMetric(
    name="residual_peak",
    title="Periodic peak of the residual",
    form="{:.1f}",
    better="lower",
    protocol=PERIODIC_PEAK_PROTOCOL,
    uses=("evaluate",),
    least_images=PEAK_MIN_IMAGES,
    least_side=PEAK_MIN_SIDE,
    measure=lambda residual: periodic_peak(residual).ratio,
    running=RunningPeak,
)
