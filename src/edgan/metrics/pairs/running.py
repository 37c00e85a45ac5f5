"""PSNR, SSIM, MS-SSIM and RMSE over batches, as torchmetrics' `Metric`: update(a, b), then compute()."""

from __future__ import annotations

import torch
from torch import Tensor
from torchmetrics import Metric

from edgan.errors import UsageError
from edgan.metrics.pairs.ms_ssim import ms_ssim, ms_ssim_name, ms_ssim_protocol
from edgan.metrics.pairs.psnr import PSNR_PROTOCOL, psnr
from edgan.metrics.pairs.rmse import RMSE_PROTOCOL, rmse
from edgan.metrics.pairs.ssim import SSIM_PROTOCOL, ssim
from edgan.nets.precision import widened


class _MeanOverImages(Metric):
    """Sums values over images and counts the images, so that every image weighs the same in batches of any size."""

    is_differentiable = False
    full_state_update = False
    total: Tensor
    count: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.add_state("total", torch.zeros((), dtype=torch.float64), dist_reduce_fx="sum")
        self.add_state("count", torch.zeros((), dtype=torch.int64), dist_reduce_fx="sum")

    def _add(self, values: Tensor) -> None:
        self.total += widened(values.detach()).sum().to(self.total)
        self.count += len(values)

    def compute(self) -> Tensor:
        """The mean over all images so far, a scalar.

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
        """Add a batch of pairs, each (N, C, H, W) in [-1, 1]."""
        self._add(psnr(a, b, reduction="none"))


class RMSE(_MeanOverImages):
    """Running `rmse`: update(a, b) with batches, compute() for the mean over images."""

    higher_is_better = False
    protocol = RMSE_PROTOCOL

    def update(self, a: Tensor, b: Tensor) -> None:
        """Add a batch of pairs, each (N, C, H, W) in [-1, 1]."""
        self._add(rmse(a, b, reduction="none"))


class SSIM(_MeanOverImages):
    """Running `ssim`: update(a, b) with batches, compute() for the mean over images."""

    higher_is_better = True
    protocol = SSIM_PROTOCOL

    def update(self, a: Tensor, b: Tensor) -> None:
        """Add a batch of pairs, each (N, C, H, W) in [-1, 1]."""
        self._add(ssim(a, b, reduction="none"))


class MSSSIM(_MeanOverImages):
    """Running `ms_ssim`: the first batch fixes the size, and with it the number of scales, `name` and `protocol`."""

    higher_is_better = True
    name = "ms-ssim"
    protocol = ""

    def update(self, a: Tensor, b: Tensor) -> None:
        """Add a batch of pairs, each (N, C, H, W) in [-1, 1].

        Raises:
            UsageError: also for images with another number of scales than the first batch.
        """
        values = ms_ssim(a, b, reduction="none")
        height, width = a.shape[-2:]
        name = ms_ssim_name(height, width)
        if int(self.count) and name != self.name:
            raise UsageError(
                f"MSSSIM has seen images measured as {self.name}; images of {width}x{height} are measured as {name}, "
                "and the two cannot be averaged. Use one image size, or call reset() first."
            )
        self.name, self.protocol = name, ms_ssim_protocol(height, width)
        self._add(values)
