"""Multi-scale structural similarity."""

from __future__ import annotations

from functools import partial

import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.metrics.metric import PairMetric
from edgan.metrics.pairs.image_pairs import DATA_RANGE, Reduction, check_pairs, reduce
from edgan.metrics.pairs.ssim import K1, K2, SIGMA, WINDOW, check_window, similarity_in_windows

# Wang, Simoncelli and Bovik, "Multi-scale structural similarity", 2003, section 3.2: finest scale first.
SCALE_WEIGHTS = (0.0448, 0.2856, 0.3001, 0.2363, 0.1333)


def ms_ssim(a: Tensor, b: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Multi-scale SSIM (Wang, Simoncelli and Bovik 2003, Eq. 7) over as many scales as the image has room for.

    Five scales need sides of 176 pixels; smaller images use the first k scales, their weights divided by their sum, and
    `ms_ssim_name` says how many: values with different k are not comparable. Each scale halves the image by 2x2 means;
    a scale's term is the mean over channels and windows, and a negative one counts as 0.

    Args, returns and raises as `ssim`.
    """
    a, b = check_pairs(a, b)
    check_window(a)
    scales = ms_ssim_scales(*a.shape[-2:])
    weights = torch.tensor(SCALE_WEIGHTS[:scales], dtype=a.dtype, device=a.device)
    weights = weights / weights.sum()
    value = torch.ones(len(a), dtype=a.dtype, device=a.device)
    for scale in range(scales):
        last = scale == scales - 1
        term = similarity_in_windows(a, b) if last else _contrast_and_structure(a, b)
        value = value * term.clamp(min=0) ** weights[scale]
        if not last:
            a, b = F.avg_pool2d(a, 2), F.avg_pool2d(b, 2)
    return reduce(value, reduction)


def ms_ssim_scales(height: int, width: int) -> int:
    """How many of the five scales fit an image: the coarsest must still hold one 11-pixel window (0 if none does)."""
    side, scales = min(height, width), 0
    while scales < len(SCALE_WEIGHTS) and side >= WINDOW:
        side, scales = side // 2, scales + 1
    return scales


def ms_ssim_name(height: int, width: int) -> str:
    """The name of MS-SSIM at this size: "ms-ssim" with all five scales, "ms-ssim-3" with three."""
    scales = ms_ssim_scales(height, width)
    return "ms-ssim" if scales == len(SCALE_WEIGHTS) else f"ms-ssim-{scales}"


def ms_ssim_protocol(height: int, width: int) -> str:
    """The sentence that stands beside a value of MS-SSIM at this size."""
    scales = ms_ssim_scales(height, width)
    return (
        f"{ms_ssim_name(height, width).upper()}, Wang et al. 2003: {scales} of 5 scales at {width}x{height}, the first "
        f"{scales} weights divided by their sum; otherwise as SSIM (11x11 Gaussian, sigma 1.5, K .01/.03, data range 2)"
    )


def _contrast_and_structure(a: Tensor, b: Tensor) -> Tensor:
    from torchmetrics.functional.image import structural_similarity_index_measure

    _, contrast = structural_similarity_index_measure(
        a, b, sigma=SIGMA, reduction="none", data_range=DATA_RANGE, k1=K1, k2=K2, return_contrast_sensitivity=True
    )
    return contrast


METRIC = PairMetric(
    name="ms-ssim",
    title="MS-SSIM",
    better="higher",
    protocol="MS-SSIM, Wang et al. 2003, over as many of the 5 scales as the images have room for",
    at_size=lambda height, width: (ms_ssim_name(height, width), ms_ssim_protocol(height, width)),
    uses=("evaluate", "rank"),
    least_side=WINDOW,
    measure=partial(ms_ssim, reduction="none"),
)
