"""How much pictures differ from each other, compared with real images."""

from __future__ import annotations

from torch import Tensor

from edgan.metrics.metric import SetMetric


def spread(pictures: Tensor, images: Tensor) -> float:
    """Mean standard deviation over pictures (N, C, H, W), as a multiple of that over real images (M, C, H, W).

    Returns:
        1 where the pictures vary as much as the images; 0 where all are the same. 1 too for a single image.
    """
    return float(pictures.std(0).mean() / images.std(0).mean().clamp_min(1e-6)) if len(images) > 1 else 1.0


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
