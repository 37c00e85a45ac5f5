"""A network that recognises a photo in another view, trained without labels.

It needs neither identity labels nor the latent of a judged model: on the training split alone it learns that two views
of one photo belong together and views of two photos do not (Wu et al., "Unsupervised feature learning via
non-parametric instance discrimination", 2018; the loss is NT-Xent, Chen et al., "A simple framework for contrastive
learning", 2020, Eq. 1). Views differ in position, scale, sharpness, noise and light, so that a blurred picture is still
recognised.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from edgan.nets.caller_state import seeded
from edgan.routing.descent import descend

WIDTH, SIZE = 16, 64
BATCH, LR, TEMPERATURE = 64, 1e-3, 0.2
SHIFT, SCALE, LIGHT, NOISE = 0.15, 0.15, 0.25, 0.05
CHUNK = 64

Embed = Callable[[Tensor], Tensor]


def recogniser_network(channels: int) -> nn.Sequential:
    """An untrained recogniser: images (n, channels, H, W) to features (n, 64)."""
    layers: list[nn.Module] = []
    for factor in (1, 2, 4):
        conv = nn.Conv2d(channels, factor * WIDTH, 3, stride=2, padding=1)
        layers += [conv, nn.GroupNorm(4, factor * WIDTH), nn.ReLU()]
        channels = factor * WIDTH
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(16 * channels, SIZE))
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def train_recogniser(images: NDArray, *, steps: int = 400, seed: int = 0) -> nn.Module:
    """Train a recogniser.

    Args:
        images: (N, H, W, C) uint8, of the training split.
        steps: training steps, each on 64 images in two views.
        seed: of weights, order and views.

    Returns:
        The network, in evaluation mode; see `embedding`.
    """
    with seeded(seed):
        network = recogniser_network(images.shape[3])
        parameters = list(network.parameters())
        optimiser = torch.optim.Adam(parameters, lr=LR)
        for _ in range(steps):
            chosen = torch.randperm(len(images))[:BATCH]
            batch = torch.from_numpy(images[chosen.numpy()]).permute(0, 3, 1, 2).float() / 127.5 - 1
            descend(_contrast(network(view(batch)), network(view(batch))), parameters, optimiser)
    return network.eval()


def embedding(network: nn.Module) -> Embed:
    """Images (n, C, H, W) in [-1, 1] (clipped here) to features (n, 64)."""

    @torch.no_grad()
    def embed(pictures: Tensor) -> Tensor:
        return torch.cat([network(chunk.float().clamp(-1, 1)) for chunk in pictures.split(CHUNK)])

    return embed


def view(images: Tensor) -> Tensor:
    """A random view of each image: (N, C, H, W) in [-1, 1] to (N, C, H, W), not clipped."""
    count = len(images)
    scale = 1 - SCALE * torch.rand(count)
    moved = torch.zeros(count, 2, 3)
    moved[:, 0, 0] = moved[:, 1, 1] = scale
    moved[:, :, 2] = SHIFT * (2 * torch.rand(count, 2) - 1)
    grid = F.affine_grid(moved, list(images.shape), align_corners=False)
    seen = F.grid_sample(images, grid, padding_mode="border", align_corners=False)
    coarse = F.interpolate(F.avg_pool2d(seen, 2), size=images.shape[2:], mode="bilinear", align_corners=False)
    seen = torch.where(torch.rand(count, 1, 1, 1) < 0.5, coarse, seen)
    contrast = 1 + LIGHT * (2 * torch.rand(count, 1, 1, 1) - 1)
    tint = LIGHT * (2 * torch.rand(count, images.shape[1], 1, 1) - 1)
    return seen * contrast + tint + NOISE * torch.randn_like(seen)


def _contrast(first: Tensor, second: Tensor) -> Tensor:
    """NT-Xent of two views of the same images: each is classified as its partner among all the others."""
    both = F.normalize(torch.cat([first, second]), dim=1)
    count = len(first)
    alike = (both @ both.T / TEMPERATURE).masked_fill(torch.eye(2 * count, dtype=torch.bool), -torch.inf)
    partner = torch.arange(2 * count).roll(count)
    return F.cross_entropy(alike, partner)
