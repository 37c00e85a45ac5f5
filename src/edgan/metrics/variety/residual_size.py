"""How large the residual is."""

from __future__ import annotations

from torch import Tensor

from edgan.metrics.metric import ResidualMetric


def residual_size(residual: Tensor) -> float:
    """Root mean square of residuals (N, C, H, W), on the [-1, 1] scale."""
    return float(residual.square().mean().sqrt())


METRIC = ResidualMetric(
    name="residual",
    title="Residual, RMS",
    better="neither",
    protocol="residual: root mean square on the [-1, 1] scale",
    uses=("training",),
    measure=residual_size,
)
