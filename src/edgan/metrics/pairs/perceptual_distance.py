"""How different two pictures look to a network that learned to recognise objects."""

from __future__ import annotations

from functools import partial

import torch
from torch import Tensor

from edgan.metrics.metric import PairMetric
from edgan.metrics.pairs.image_pairs import Reduction, check_pairs, reduce
from edgan.metrics.pretrained_maps import CHUNK, LEAST_SIDE, scaled_maps, unavailable
from edgan.nets.pretrained import NAME, STRIDES

PERCEPTUAL_PROTOCOL = (
    f"perceptual distance, as LPIPS (Zhang et al. 2018, Eq. 1) with weights 1, on {NAME}: squared difference of the "
    f"features of a position, scaled to length 1, mean over positions, then over the maps at strides "
    f"{', '.join(map(str, STRIDES[:-1]))} and {STRIDES[-1]}; 0 to 4; pictures below {LEAST_SIDE} px enlarged to it by "
    "bilinear interpolation, grey repeated over the colours; mean over images; not LPIPS's own networks and weights"
)


@torch.no_grad()
def perceptual_distance(a: Tensor, b: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Distance of two pictures in pretrained features.

    d(a, b) = 1/3 sum over maps l of 1/(H_l W_l) sum over positions p of |f_l(a)_p - f_l(b)_p|^2, where f_l(x)_p are the
    channels of map l at position p, divided by their length. Source: Zhang, Isola, Efros, Shechtman, Wang, "The
    unreasonable effectiveness of deep features as a perceptual metric", CVPR 2018, Eq. 1, without learned weights.

    Args:
        a, b: images, (N, 1 or 3, H, W) in [-1, 1]; the metric is symmetric. Below 64 pixels they are enlarged.
        reduction: "mean" over images, or "none".

    Returns:
        A scalar, or (N,): 0 for equal pictures, at most 4.

    Raises:
        UsageError: for different shapes, values outside [-1, 1], or values that are not finite.
        EdganError: the package with the weights is missing or damaged.
    """
    a, b = check_pairs(a, b)
    return reduce(
        torch.cat([_distances(*pair) for pair in zip(a.split(CHUNK), b.split(CHUNK), strict=True)]), reduction
    )


def _distances(a: Tensor, b: Tensor) -> Tensor:
    # A mean square of 1 over C channels is a length of sqrt(C), so the mean over channels is the sum for length 1.
    by_map = [(x - y).square().mean((1, 2, 3)) for x, y in zip(scaled_maps(a), scaled_maps(b), strict=True)]
    return torch.stack(by_map).mean(0)


METRIC = PairMetric(
    name="perceptual",
    title="Perceptual distance",
    better="lower",
    protocol=PERCEPTUAL_PROTOCOL,
    uses=("evaluate", "rank"),
    unavailable=unavailable,
    measure=partial(perceptual_distance, reduction="none"),
)
