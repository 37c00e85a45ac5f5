"""Two sets of features that a distance between distributions compares."""

from __future__ import annotations

from torch import Tensor, nn

from edgan.errors import UsageError


class PrecomputedFeatures(nn.Module):
    """Passes features through where torchmetrics expects a network from images to features."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.num_features = size

    def forward(self, features: Tensor) -> Tensor:
        """(N, D) to itself."""
        return features


def check_features(real: Tensor, made: Tensor) -> None:
    """Refuse anything but two matrices (N, D) and (M, D).

    Raises:
        UsageError: for other shapes, or fewer than two rows.
    """
    if real.ndim != 2 or made.ndim != 2 or real.shape[1] != made.shape[1] or min(len(real), len(made)) < 2:
        raise UsageError(
            "Features must be (N, D) and (M, D) with N and M at least 2 "
            f"(got {tuple(real.shape)} and {tuple(made.shape)})."
        )
