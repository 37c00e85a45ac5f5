"""Structural similarity."""

from __future__ import annotations

from functools import partial

from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics.metric import PairMetric
from edgan.metrics.pairs.image_pairs import DATA_RANGE, Reduction, check_pairs, reduce

WINDOW = 11
SIGMA = 1.5
K1, K2 = 0.01, 0.03
BORDER = WINDOW // 2

SSIM_PROTOCOL = (
    "SSIM, Wang et al. 2004: 11x11 Gaussian window, sigma 1.5, K .01/.03, data range 2, windows wholly inside the "
    "image; mean over channels, then over images"
)


def ssim(a: Tensor, b: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Structural similarity (Wang et al., "Image quality assessment", 2004, Eq. 13), mean over channels.

    Only windows that lie wholly inside the image count: Wang's `valid` crop, which scikit-image also takes (with
    gaussian_weights=True, use_sample_covariance=False). Libraries that average over a padded border give other values.

    Args:
        a, b: images, (N, C, H, W) in [-1, 1], each side at least 11 pixels.
        reduction: "mean" over images, or "none".

    Returns:
        A scalar, or (N,), at most 1.

    Raises:
        UsageError: for different shapes, values outside [-1, 1] or not finite, or images smaller than the window.
    """
    a, b = check_pairs(a, b)
    check_window(a)
    return reduce(similarity_in_windows(a, b), reduction)


def check_window(images: Tensor) -> None:
    """Refuse images (N, C, H, W) that are smaller than the window.

    Raises:
        UsageError: a side is shorter than 11 pixels.
    """
    height, width = images.shape[-2:]
    if min(height, width) < WINDOW:
        raise UsageError(
            f"SSIM needs at least {WINDOW} pixels on each side for its {WINDOW}x{WINDOW} window; these images are "
            f"{width}x{height}. Use PSNR or RMSE for smaller ones."
        )


def similarity_in_windows(a: Tensor, b: Tensor) -> Tensor:
    """SSIM of checked images, (N,). torchmetrics reflects at the border, so its map is cropped to whole windows."""
    from torchmetrics.functional.image import structural_similarity_index_measure

    _, full = structural_similarity_index_measure(
        a, b, sigma=SIGMA, reduction="none", data_range=DATA_RANGE, k1=K1, k2=K2, return_full_image=True
    )
    return full[..., BORDER:-BORDER, BORDER:-BORDER].flatten(1).mean(1)


METRIC = PairMetric(
    name="ssim",
    title="SSIM",
    better="higher",
    protocol=SSIM_PROTOCOL,
    request="similarity",
    least_side=WINDOW,
    measure=partial(ssim, reduction="none"),
)
