"""How much of the residual differs from image to image."""

from __future__ import annotations

from torch import Tensor

from edgan.metrics.metric import ResidualMetric


def residual_variety(residual: Tensor) -> float:
    """Share of the power of residuals (N, C, H, W) that differs from image to image.

    Returns:
        0 where every image gets the same residual, 1 where the mean residual is 0 (also for residuals of zeros).
    """
    power = residual.square().mean()
    return float(residual.var(0, correction=0).mean() / power) if power > 0 else 1.0


METRIC = ResidualMetric(
    name="variety",
    title="Variety of the residual",
    form="{:.2f}",
    better="higher",
    protocol="variety: share of the residual's power that differs from image to image, 0 to 1",
    uses=("training",),
    measure=residual_variety,
)
