"""How much pictures differ from each other, compared with real images."""

from __future__ import annotations

import math

from torch import Tensor

from edgan.metrics.metric import SetMetric


def spread(pictures: Tensor, images: Tensor) -> float:
    """Mean standard deviation over pictures (N, C, H, W), as a multiple of that over real images (M, C, H, W).

    Returns:
        1 where the pictures vary as much as the images; 0 where all are the same. 1 too for a single image. NaN where
        the real images do not vary: there is nothing to compare with.
    """
    if len(images) < 2:
        return 1.0
    of_images = images.std(0).mean()
    return float(pictures.std(0).mean() / of_images) if of_images > 1e-6 else math.nan


METRIC = SetMetric(
    name="spread",
    title="Spread, × real",
    form="{:.2f}",
    better="near 1",
    protocol="spread: mean standard deviation over the outputs, over that of the real images",
    uses=("training",),
    output_only=True,
    measure=spread,
)
