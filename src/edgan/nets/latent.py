"""Networks on latent vectors."""

from __future__ import annotations

from itertools import pairwise

from torch import Tensor, nn


class LatentDiscriminator(nn.Module):
    """Distinguishes a latent from a sample of its prior: FC 64, 32, 16, each with batch norm and ReLU, then one logit.

    The norm keeps no running statistics. Source: CAAE's D_z, as in Paper 1's released code.

    Args:
        latent: length of z.
    """

    def __init__(self, latent: int) -> None:
        super().__init__()
        widths = (latent, 64, 32, 16)
        layers: list[nn.Module] = []
        for inputs, outputs in pairwise(widths):
            norm = nn.BatchNorm1d(outputs, track_running_stats=False)
            layers += [nn.Linear(inputs, outputs), norm, nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], 1))

    def forward(self, z: Tensor) -> Tensor:
        """(N, latent) -> logits (N,); large for a sample of the prior. N of at least 2."""
        return self.layers(z).squeeze(1)
