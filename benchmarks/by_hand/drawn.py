"""What every loop by hand takes, and losses that several of them share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch.nn.functional as F
from torch import Tensor

Networks = Mapping[str, Any]
Learn = Callable[[Mapping[tuple[str, ...], Tensor]], None]
"""Takes a loss for some optimisers, by their names in the plan, and steps these; the losses may share a graph."""
FLOOR = 1e-3
"""Of the probabilities in a logarithm, in CDNet's and VAE/GAN's games."""


@dataclass(frozen=True)
class Drawn:
    """One batch of a step.

    Attributes:
        fields: of the data.
        noise: by the name of the tap that draws it.
    """

    fields: Mapping[str, Tensor]
    noise: Callable[[str], Tensor]

    @property
    def image(self) -> Tensor:
        """(N, C, H, W)."""
        return self.fields["image"]

    def latent(self, name: str) -> Tensor:
        """(N, Z), uniform in [-1, 1]; `name`: of the tap that draws the same in [0, 1]."""
        return 2 * self.noise(name) - 1


Draw = Callable[[int], Drawn]
Loop = Callable[[Networks, Learn, Draw], None]
"""One step: networks by column, how they learn, and the step's batches by their number."""


def real_loss(logits: Tensor) -> Tensor:
    """-log D."""
    return F.softplus(-logits).mean()


def fake_loss(logits: Tensor) -> Tensor:
    """-log(1 - D)."""
    return F.softplus(logits).mean()


def posterior(code: Tensor, batch: Drawn) -> tuple[Tensor, Tensor, Tensor]:
    """Mean, log variance, and a draw."""
    mean, log_variance = code.chunk(2, 1)
    log_variance = log_variance.clamp(-10, 10)
    return mean, log_variance, mean + (log_variance / 2).exp() * batch.noise("epsilon")


def kl(mean: Tensor, log_variance: Tensor) -> Tensor:
    """From N(0, 1): summed over components, the mean over the batch."""
    return (mean**2 + log_variance.exp() - 1 - log_variance).flatten(1).sum(1).mean() / 2
