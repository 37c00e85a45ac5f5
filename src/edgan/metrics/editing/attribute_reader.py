"""Readers: small networks that read attributes from images, trained apart from any model that they judge."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from edgan.nets.caller_state import seeded
from edgan.routing.descent import descend

WIDTH, BATCH, LR, CHUNK = 16, 64, 1e-3, 64
Reader = Callable[[Tensor], Tensor]
"""Images (N, C, H, W) in [-1, 1] to scores (N, A), larger where an attribute is more present."""


def trained_reader(
    images: NDArray[np.uint8], attributes: NDArray[np.float32], *, steps: int = 600, seed: int = 0, flip: bool = True
) -> Reader:
    """A small convolutional network trained to read the attributes of images: `reading` of `train_reader`."""
    return reading(train_reader(images, attributes, steps=steps, seed=seed, flip=flip))


def train_reader(
    images: NDArray[np.uint8],
    values: NDArray[np.float32],
    *,
    steps: int = 600,
    seed: int = 0,
    flip: bool = True,
    loss: Callable[[Tensor, Tensor], Tensor] = F.binary_cross_entropy_with_logits,
) -> nn.Module:
    """Train a reader.

    Args:
        images: (N, H, W, C) uint8, of the training split.
        values: (N, A), what to read: attributes in [0, 1], or numbers.
        training steps, of 64 images each.
        seed: of weights and order.
        flip: mirror half of the training images: right for faces, wrong for digits.
        loss: (predictions, values) to a scalar; use the squared error for numbers.

    Returns:
        The network, in evaluation mode.
    """
    with seeded(seed):
        network = reader_network(images.shape[3], values.shape[1])
        parameters = list(network.parameters())
        optimiser = torch.optim.Adam(parameters, lr=LR)
        targets = torch.from_numpy(np.asarray(values, np.float32))
        for _ in range(steps):
            chosen = torch.randint(len(images), (BATCH,))
            batch = torch.from_numpy(images[chosen.numpy()]).permute(0, 3, 1, 2).float() / 127.5 - 1
            if flip:
                batch = torch.where(torch.rand(BATCH, 1, 1, 1) < 0.5, batch, batch.flip(3))
            descend(loss(network(batch), targets[chosen]), parameters, optimiser)
    return network.eval()


def reading(network: nn.Module) -> Reader:
    """Make a reader of a network.

    Returns:
        Images (n, C, H, W), clipped to [-1, 1] here, to what the network reads (n, A): logits of attributes.
    """

    @torch.no_grad()
    def read(pictures: Tensor) -> Tensor:
        return torch.cat([network(chunk.float().clamp(-1, 1)) for chunk in pictures.split(CHUNK)])

    return read


def reader_network(channels: int, outputs: int) -> nn.Sequential:
    """An untrained reader: images (n, channels, H, W) to logits (n, outputs)."""
    layers: list[nn.Module] = []
    for factor in (1, 2, 4, 8):
        conv = nn.Conv2d(channels, factor * WIDTH, 3, stride=2, padding=1)
        layers += [conv, nn.GroupNorm(4, factor * WIDTH), nn.ReLU()]
        channels = factor * WIDTH
    network = nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Dropout(0.3), nn.Linear(16 * channels, outputs)
    )
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
