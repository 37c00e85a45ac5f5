"""Whether a picture drawn again is known among others: by a network that was taught to know each photo again.

No label of who is shown is needed, and no judged model's own latent: the network learns on the training part alone that
two views of one photo belong together and views of two photos do not (Wu et al., "Unsupervised feature learning via
non-parametric instance discrimination", 2018; the loss is NT-Xent, Chen et al., "A simple framework for contrastive
learning", 2020, Eq. 1). Views are shifted, scaled, blurred, noisy and lit otherwise, so that blur alone makes nobody a
stranger.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.routing.execute import descend

WIDTH, SIZE = 16, 64
BATCH, LR, TEMPERATURE = 64, 1e-3, 0.2
SHIFT, SCALE, LIGHT, NOISE = 0.15, 0.15, 0.25, 0.05
AT_ONCE = 64

Embed = Callable[[Tensor], Tensor]

RECOGNITION_PROTOCOL = (
    "recognition: share of pictures drawn again whose nearest of all real ones is their own original, by the cosine of "
    "features of a network taught on the training part, without labels, to know a photo again in another view"
)


@dataclass(frozen=True)
class Recognition:
    """How well pictures drawn again are known.

    Attributes:
        known: share whose nearest real picture is the original; 1 / N by chance.
        ahead: mean share of the other real pictures that are farther than the original; .5 by chance.
    """

    known: float
    ahead: float


def recognition(made: Tensor, real: Tensor) -> Recognition:
    """Look for the original of each picture among all real ones.

    Args:
        made, real: (N, D) features, row by row of a picture drawn again and of its original; N of at least 2.

    Raises:
        UsageError: another shape.
    """
    if made.shape != real.shape or made.dim() != 2 or len(real) < 2:
        raise UsageError(
            f"Recognition needs as many features of pictures drawn again as of originals, two or more: "
            f"{tuple(made.shape)} and {tuple(real.shape)}."
        )
    alike = F.normalize(made.double(), dim=1) @ F.normalize(real.double(), dim=1).T
    own = alike.diagonal()[:, None]
    # Where features coincide, nobody is known: the original's own column is the only one that may be as near.
    nearer, as_near = (alike > own).sum(1), (alike == own).sum(1) - 1
    farther = len(real) - 1 - nearer - 0.5 * as_near
    return Recognition(
        known=float(((nearer == 0) & (as_near == 0)).double().mean()),
        ahead=float((farther / (len(real) - 1)).mean()),
    )


def recogniser_network(channels: int) -> nn.Sequential:
    """An untaught recogniser: images (n, channels, H, W) to features (n, 64)."""
    layers: list[nn.Module] = []
    for factor in (1, 2, 4):
        conv = nn.Conv2d(channels, factor * WIDTH, 3, stride=2, padding=1)
        layers += [conv, nn.GroupNorm(4, factor * WIDTH), nn.ReLU()]
        channels = factor * WIDTH
    network = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Linear(16 * channels, SIZE))
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]


def teach_recogniser(images: NDArray, *, steps: int = 400, seed: int = 0) -> nn.Module:
    """Teach a recogniser.

    Args:
        images: (N, H, W, C) uint8, of the training part.
        steps: of 64 images in two views each.
        seed: of weights, order and views.

    Returns:
        The network, in evaluation mode; `embedding` makes a function of it.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
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
        return torch.cat([network(part.float().clamp(-1, 1)) for part in pictures.split(AT_ONCE)])

    return embed


def view(images: Tensor) -> Tensor:
    """Each image as it might be seen another time: (N, C, H, W) in [-1, 1] to the same shape, drawn at random."""
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


def _contrast(one: Tensor, other: Tensor) -> Tensor:
    """NT-Xent of two views of the same images: each must find its partner among all the others."""
    both = F.normalize(torch.cat([one, other]), dim=1)
    count = len(one)
    alike = (both @ both.T / TEMPERATURE).masked_fill(torch.eye(2 * count, dtype=torch.bool), -torch.inf)
    partner = torch.arange(2 * count).roll(count)
    return F.cross_entropy(alike, partner)
