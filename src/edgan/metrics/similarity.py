"""How near one image is to another: PSNR, SSIM, MS-SSIM and RMSE, as functions and as running metrics.

Images are (N, C, H, W) float in [-1, 1], so the data range is 2 everywhere. The functions give one value per image and
average last; the classes average over every image they were shown. Each has a protocol: the sentence that has to stand
beside a printed figure.
"""

from __future__ import annotations

from typing import Literal

import torch
import torch.nn.functional as F
from torch import Tensor
from torchmetrics import Metric
from torchmetrics.functional.image import structural_similarity_index_measure

from edgan.errors import UsageError

Reduction = Literal["mean", "none"]

DATA_RANGE = 2.0
WINDOW = 11
SIGMA = 1.5
K1, K2 = 0.01, 0.03
BORDER = WINDOW // 2
# Wang, Simoncelli and Bovik, "Multi-scale structural similarity", 2003, section 3.2: finest scale first.
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)
# Float arithmetic may leave tanh outputs or resized images this far outside.
TOLERANCE = 1e-3

PSNR_PROTOCOL = "PSNR in dB; images in [-1, 1], data range 2; squared error over all channels; mean over images"
SSIM_PROTOCOL = (
    "SSIM, Wang et al. 2004: 11x11 Gaussian window, sigma 1.5, K .01/.03, data range 2, windows wholly inside the "
    "image; mean over channels, then over images"
)
RMSE_PROTOCOL = "RMSE in units of the [-1, 1] scale (data range 2); per image over all channels; mean over images"


def psnr(a: Tensor, b: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Peak signal-to-noise ratio, 10 log10(2^2 / mean squared error), in decibels.

    Args:
        a, b: images, (N, C, H, W) in [-1, 1]; the measure is symmetric.
        reduction: "mean" over images (not the PSNR of the mean error), or "none".

    Returns:
        A scalar, or (N,). Equal images give infinity.

    Raises:
        UsageError: for different shapes, values outside [-1, 1] or not finite.
    """
    a, b = _checked(a, b)
    return _reduced(10 * torch.log10(DATA_RANGE**2 / _mean_square(a - b)), reduction)


def rmse(a: Tensor, b: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Root mean squared error per image, on the [-1, 1] scale (0 to 2).

    Args, returns and raises as `psnr`.
    """
    a, b = _checked(a, b)
    return _reduced(_mean_square(a - b).sqrt(), reduction)


def ssim(a: Tensor, b: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Structural similarity (Wang et al., "Image quality assessment", 2004, Eq. 13), mean over channels.

    Only windows that lie wholly inside the image count: Wang's `valid` crop, which scikit-image also takes (with
    gaussian_weights=True, use_sample_covariance=False). Libraries that average over a padded border give other figures.

    Args:
        a, b: images, (N, C, H, W) in [-1, 1], each side 11 pixels or more.
        reduction: "mean" over images, or "none".

    Returns:
        A scalar, or (N,), at most 1.

    Raises:
        UsageError: for different shapes, values outside [-1, 1] or not finite, or images smaller than the window.
    """
    a, b = _checked(a, b)
    _check_window(a)
    return _reduced(_similarity(a, b), reduction)


def ms_ssim(a: Tensor, b: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Multi-scale SSIM (Wang, Simoncelli and Bovik 2003, Eq. 7) over as many scales as the image has room for.

    Five scales need sides of 176 pixels; smaller images use the first k scales, their weights divided by their sum, and
    `ms_ssim_name` says which measure that is: figures with different k do not compare. Each scale halves the image by
    2x2 means; a scale's term is the mean over channels and windows, a negative one counts as 0.

    Args, returns and raises as `ssim`.
    """
    a, b = _checked(a, b)
    _check_window(a)
    scales = ms_ssim_scales(*a.shape[-2:])
    weights = torch.tensor(SCALE_WEIGHTS[:scales], dtype=a.dtype, device=a.device)
    weights = weights / weights.sum()
    value = torch.ones(len(a), dtype=a.dtype, device=a.device)
    for scale in range(scales):
        last = scale == scales - 1
        term = _similarity(a, b) if last else _contrast_and_structure(a, b)
        value = value * term.clamp(min=0) ** weights[scale]
        if not last:
            a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
    return _reduced(value, reduction)


def ms_ssim_scales(height: int, width: int) -> int:
    """How many of the five scales fit an image: the coarsest must still hold one 11-pixel window (0 if none does)."""
    side, scales = min(height, width), 0
    while scales < len(SCALE_WEIGHTS) and side >= WINDOW:
        side, scales = side // 2, scales + 1
    return scales


def ms_ssim_name(height: int, width: int) -> str:
    """What MS-SSIM at this size is called: "ms-ssim" with all five scales, "ms-ssim-3" with three."""
    scales = ms_ssim_scales(height, width)
    return "ms-ssim" if scales == len(SCALE_WEIGHTS) else f"ms-ssim-{scales}"


def ms_ssim_protocol(height: int, width: int) -> str:
    """The sentence that stands beside an MS-SSIM figure at this size."""
    scales = ms_ssim_scales(height, width)
    return (
        f"{ms_ssim_name(height, width).upper()}, Wang et al. 2003: {scales} of 5 scales at {width}x{height}, the first "
        f"{scales} weights divided by their sum; otherwise as SSIM (11x11 Gaussian, sigma 1.5, K .01/.03, data range 2)"
    )


class _MeanOverImages(Metric):
    """Sums a per-image measure and counts images, so that batches of different sizes weigh right."""

    is_differentiable = False
    full_state_update = False
    total: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("count", torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    def _add(self, values: Tensor) -> None:
        self.total += values.detach().double().sum()
        self.count += len(values)

    def compute(self) -> Tensor:
        """The mean over every image seen, a scalar.

        Raises:
            UsageError: before the first image.
        """
        if not int(self.count):
            raise UsageError(f"{type(self).__name__} has seen no image; call update(a, b) first.")
        return (self.total / self.count).float()


class PSNR(_MeanOverImages):
    """Running `psnr`: update(a, b) with batches, compute() for the mean over images in dB."""

    higher_is_better = True
    protocol = PSNR_PROTOCOL

    def update(self, a: Tensor, b: Tensor) -> None:
        """Take in a batch of pairs, each (N, C, H, W) in [-1, 1]."""
        self._add(psnr(a, b, reduction="none"))


class RMSE(_MeanOverImages):
    """Running `rmse`: update(a, b) with batches, compute() for the mean over images."""

    higher_is_better = False
    protocol = RMSE_PROTOCOL

    def update(self, a: Tensor, b: Tensor) -> None:
        """Take in a batch of pairs, each (N, C, H, W) in [-1, 1]."""
        self._add(rmse(a, b, reduction="none"))


class SSIM(_MeanOverImages):
    """Running `ssim`: update(a, b) with batches, compute() for the mean over images."""

    higher_is_better = True
    protocol = SSIM_PROTOCOL

    def update(self, a: Tensor, b: Tensor) -> None:
        """Take in a batch of pairs, each (N, C, H, W) in [-1, 1]."""
        self._add(ssim(a, b, reduction="none"))


class MSSSIM(_MeanOverImages):
    """Running `ms_ssim`: the first batch fixes the size, and with it the number of scales, `name` and `protocol`."""

    higher_is_better = True
    name = "ms-ssim"
    protocol = ""

    def update(self, a: Tensor, b: Tensor) -> None:
        """Take in a batch of pairs, each (N, C, H, W) in [-1, 1].

        Raises:
            UsageError: also for images that use another number of scales than the first batch.
        """
        values = ms_ssim(a, b, reduction="none")
        height, width = a.shape[-2:]
        name = ms_ssim_name(height, width)
        if int(self.count) and name != self.name:
            raise UsageError(
                f"MS-SSIM began with {self.name} and now got images of {width}x{height}, which make it {name}; the two "
                "do not average. Use one image size, or reset() first."
            )
        self.name, self.protocol = name, ms_ssim_protocol(height, width)
        self._add(values)


def _mean_square(difference: Tensor) -> Tensor:
    return difference.square().flatten(1).mean(1)


def _similarity(a: Tensor, b: Tensor) -> Tensor:
    """SSIM per image: torchmetrics reflects at the border, so its map is cropped to windows inside the image."""
    _, full = structural_similarity_index_measure(
        a, b, sigma=SIGMA, reduction="none", data_range=DATA_RANGE, k1=K1, k2=K2, return_full_image=True
    )
    return full[..., BORDER:-BORDER, BORDER:-BORDER].flatten(1).mean(1)


def _contrast_and_structure(a: Tensor, b: Tensor) -> Tensor:
    _, contrast = structural_similarity_index_measure(
        a, b, sigma=SIGMA, reduction="none", data_range=DATA_RANGE, k1=K1, k2=K2, return_contrast_sensitivity=True
    )
    return contrast


def _reduced(values: Tensor, reduction: str) -> Tensor:
    if reduction not in ("mean", "none"):
        raise UsageError(f'There is no reduction {reduction!r}. It is "mean" or "none".')
    return values.mean() if reduction == "mean" else values


def _check_window(a: Tensor) -> None:
    height, width = a.shape[-2:]
    if min(height, width) < WINDOW:
        raise UsageError(
            f"SSIM looks through an {WINDOW}x{WINDOW} window and these images are {width}x{height}: they need {WINDOW} "
            "pixels or more on each side. Use PSNR or RMSE for smaller ones."
        )


def _checked(a: Tensor, b: Tensor) -> tuple[Tensor, Tensor]:
    if a.shape != b.shape:
        raise UsageError(
            f"The two sets of images must have one shape; they have {tuple(a.shape)} and {tuple(b.shape)}."
        )
    if a.ndim != 4 or not len(a):
        raise UsageError(f"Images are (N, C, H, W) with N at least 1; these are {tuple(a.shape)}.")
    for side, images in (("first", a), ("second", b)):
        if not images.is_floating_point():
            raise UsageError(
                f"The {side} images are {images.dtype}; they must be float in [-1, 1] (bytes x become x / 127.5 - 1)."
            )
        if not torch.isfinite(images).all():
            raise UsageError(f"The {side} images hold NaN or infinite values; find where they come from first.")
        low, high = float(images.min()), float(images.max())
        if low < -1 - TOLERANCE or high > 1 + TOLERANCE:
            raise UsageError(
                f"The {side} images reach from {low:.3g} to {high:.3g}; they must lie in [-1, 1]. Clip a sum of base "
                "and residual, or rescale, before measuring."
            )
    # Half precision would lose the small differences that SSIM divides by.
    return (a.float(), b.float()) if a.dtype != torch.float64 else (a, b.double())
