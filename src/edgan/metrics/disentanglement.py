"""How well an attribute can be turned alone: what moves when it is turned, how far, and in what order.

An edit is judged by readers: functions from images (N, C, H, W) in [-1, 1] to scores (N, A), larger where an attribute
shows more. `taught_reader` trains one, apart from any model that is judged.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
import torch.nn.functional as F
from numpy.typing import NDArray
from scipy.stats import rankdata
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.routing.execute import descend

WIDTH, BATCH, LR, AT_ONCE = 16, 64, 1e-3, 64
Reader = Callable[[Tensor], Tensor]

LEAKAGE_PROTOCOL = (
    "change of each attribute's score by a classifier trained apart, from the lower to the higher intensity, mean over "
    "images, in standard deviations of that score over unedited images"
)
RESPONSE_PROTOCOL = "Spearman rank correlation of intensity and the classifier's score, mean over images"
IDENTITY_PROTOCOL = "distance of z before and after, over the mean distance of z between two different images"


@dataclass(frozen=True)
class Leakage:
    """What moves when an attribute is turned.

    Attributes:
        names: of the A attributes.
        matrix: (K, A): row k is the change of every attribute's score as the k-th asked one is turned.
        asked: (K,) the columns of the asked ones.
    """

    names: tuple[str, ...]
    matrix: NDArray[np.float64]
    asked: tuple[int, ...]

    @property
    def moved(self) -> NDArray[np.float64]:
        """(K,) the change of the asked attribute itself."""
        return self.matrix[np.arange(len(self.asked)), list(self.asked)]

    @property
    def leaked(self) -> NDArray[np.float64]:
        """(K,) the mean size of the change of the others."""
        return self._others().mean(1)

    @property
    def ratio(self) -> NDArray[np.float64]:
        """(K,) how many times as far the asked one moves as the one that moves most beside it."""
        return self.moved / np.maximum(self._others().max(1), 1e-12)

    def _others(self) -> NDArray[np.float64]:
        columns = np.arange(self.matrix.shape[1])
        return np.stack([np.abs(row[columns != own]) for row, own in zip(self.matrix, self.asked, strict=True)])


def leakage(
    names: Sequence[str],
    low: dict[str, NDArray[np.float64]],
    high: dict[str, NDArray[np.float64]],
    unedited: NDArray[np.float64],
) -> Leakage:
    """The leakage matrix from a reader's scores.

    Args:
        names: of the A attributes that the reader scores.
        low, high: asked attribute -> scores (N, A) of the images edited to the lower and the higher intensity.
        unedited: (M, A) scores of real images; their standard deviation is the unit.

    Raises:
        UsageError: an asked attribute that the reader does not score, or fewer than two attributes.
    """
    if len(names) < 2:
        raise UsageError("A leakage matrix needs two attributes or more: with one, nothing else can move.")
    missing = [name for name in high if name not in names]
    if missing:
        raise UsageError(f"The reader does not score {', '.join(missing)}; it scores {', '.join(names)}.")
    unit = np.maximum(np.asarray(unedited, float).std(0), 1e-12)
    rows = [(np.asarray(high[name], float) - np.asarray(low[name], float)).mean(0) / unit for name in high]
    return Leakage(tuple(names), np.stack(rows), tuple(list(names).index(name) for name in high))


def monotone_response(intensities: Sequence[float], scores: NDArray[np.float64]) -> float:
    """Whether a score rises with the intensity: Spearman's rank correlation, mean over images.

    Args:
        intensities: (K,), K of at least 3, all different.
        scores: (K, N), the asked attribute's score of N images at each intensity.

    Returns:
        In [-1, 1]; 1 where every image's score rises at each step. An image whose score never changes counts as 0.
    """
    levels = np.asarray(intensities, float)
    scores = np.asarray(scores, float)
    if len(levels) < 3 or len(np.unique(levels)) < len(levels) or scores.shape[0] != len(levels):
        raise UsageError(f"A response needs 3 or more different intensities and as many rows of scores: {levels}.")
    one, ranks = rankdata(levels), rankdata(scores, axis=0)
    one = one - one.mean()
    ranks = ranks - ranks.mean(0)
    length = np.sqrt((one**2).sum() * (ranks**2).sum(0))
    return float(np.where(length > 0, one @ ranks / np.where(length > 0, length, 1), 0.0).mean())


def identity_moved(before: Tensor, after: Tensor) -> float:
    """How far an edit moves what should stay, as a share of what lies between two different images.

    Args:
        before, after: (N, Z) latents (or other features) of N images, unedited and edited; N of at least 2.

    Returns:
        0 where nothing moved; 1 where an edited image is as far from itself as from another one.
    """
    count = len(before)
    if count < 2:
        raise UsageError("The distance between different images needs two of them.")
    between = torch.cdist(before.double(), before.double()).sum() / (count * (count - 1))
    return float((after.double() - before.double()).norm(dim=1).mean() / between.clamp_min(1e-12))


def attributes_kept(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Whether pictures drawn again show the attributes that their originals show.

    Args:
        before, after: (N, A) a reader's scores of the originals and of the pictures.

    Returns:
        The share of pictures that are read as their originals, mean over those originals read as with the attribute
        and those read as without, mean over attributes: 1 at best, .5 where the pictures tell nothing. An attribute
        that no original or every original shows is left out.

    Raises:
        UsageError: none is left.
    """
    shown, kept = np.asarray(before) > 0, np.asarray(after) > 0
    shares = [
        0.5 * (same[has].mean() + same[~has].mean())
        for has, same in zip(shown.T, (shown == kept).T, strict=True)
        if has.any() and not has.all()
    ]
    if not shares:
        raise UsageError("The originals are all read alike, so nothing tells whether an attribute was kept.")
    return float(np.mean(shares))


def taught_reader(
    images: NDArray[np.uint8], attributes: NDArray[np.float32], *, steps: int = 600, seed: int = 0, flip: bool = True
) -> Reader:
    """A small convolutional network taught to tell the attributes of images: `reading` of `teach_reader`."""
    return reading(teach_reader(images, attributes, steps=steps, seed=seed, flip=flip))


def teach_reader(
    images: NDArray[np.uint8],
    values: NDArray[np.float32],
    *,
    steps: int = 600,
    seed: int = 0,
    flip: bool = True,
    loss: Callable[[Tensor, Tensor], Tensor] = F.binary_cross_entropy_with_logits,
) -> nn.Module:
    """Teach a reader.

    Args:
        images: (N, H, W, C) uint8, of the training part.
        values: (N, A), what is to be read: attributes in [0, 1], or numbers.
        steps: of 64 images.
        seed: of weights and order.
        flip: half of the images are mirrored while it learns: right for faces, wrong for digits.
        loss: of what is read and the values, a scalar: for numbers the squared error.

    Returns:
        The network, in evaluation mode.
    """
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(seed)
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
    """Images (n, C, H, W) in [-1, 1] (clipped here) to what is read (n, A): of attributes the logits."""

    @torch.no_grad()
    def read(pictures: Tensor) -> Tensor:
        return torch.cat([network(part.float().clamp(-1, 1)) for part in pictures.split(AT_ONCE)])

    return read


def reader_network(channels: int, outputs: int) -> nn.Sequential:
    """An untaught reader: images (n, channels, H, W) to logits (n, outputs)."""
    layers: list[nn.Module] = []
    for factor in (1, 2, 4, 8):
        conv = nn.Conv2d(channels, factor * WIDTH, 3, stride=2, padding=1)
        layers += [conv, nn.GroupNorm(4, factor * WIDTH), nn.ReLU()]
        channels = factor * WIDTH
    network = nn.Sequential(
        *layers, nn.AdaptiveAvgPool2d(4), nn.Flatten(), nn.Dropout(0.3), nn.Linear(16 * channels, outputs)
    )
    return network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
