"""The discriminators of NRDS: fresh networks for every seed, independent of the models that they judge."""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.nets.caller_state import seeded

Discriminator = Callable[[], nn.Module]

HIDDEN = 32


def image_discriminator(shape: tuple[int, int, int], width: int) -> nn.Module:
    """Four 5x5 stride-2 convolutions and two linear layers, no normalisation: (N, C, H, W) in [-1, 1] to logits (N, 1).

    With width 64 the network of the authors' NRDS.py: convolutions of 64, 128, 256, 512 channels with ReLU, a linear
    layer of 1024 with leaky ReLU .2, a linear layer of 1. Another width scales them all. PyTorch's initialisation.
    """
    channels, height, wide = shape
    layers: list[nn.Module] = []
    for factor in (1, 2, 4, 8):
        layers += [nn.Conv2d(channels, factor * width, 5, stride=2, padding=2), nn.ReLU()]
        channels, height, wide = factor * width, (height + 1) // 2, (wide + 1) // 2
    layers += [
        nn.Flatten(),
        nn.Linear(channels * height * wide, 16 * width),
        nn.LeakyReLU(0.2),
        nn.Linear(16 * width, 1),
    ]
    return nn.Sequential(*layers)


def vector_discriminator(size: int) -> nn.Module:
    """The toy example's network (section 3): two hidden layers of 32 nodes with ReLU, (N, D) to logits (N, 1)."""
    return nn.Sequential(nn.Linear(size, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, 1))


def build(make: Discriminator, seed: int, device: torch.device) -> nn.Module:
    """A discriminator whose weights depend on the seed alone. The caller's random state is not changed."""
    with seeded(seed):
        # uint8 images already lie channels last in memory, and narrow convolutions run a third faster so on a CPU.
        return make().to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def logits(network: nn.Module, samples: Tensor) -> Tensor:
    """The network's logits as (N,).

    Raises:
        UsageError: the discriminator returns anything but one number per sample.
    """
    output = network(samples)
    if not isinstance(output, Tensor) or output.numel() != len(samples):
        got = tuple(output.shape) if isinstance(output, Tensor) else type(output).__name__
        raise UsageError(
            f"The discriminator must return one logit per sample, ({len(samples)},) or (..., 1); it returned {got}."
        )
    return output.reshape(-1)
