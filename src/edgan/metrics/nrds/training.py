"""Training a discriminator and recording its mean output on every set: the curves of NRDS (section 3)."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.metrics.nrds.discriminators import logits
from edgan.metrics.nrds.samples import Samples
from edgan.routing.descent import descend

# Numbers in one test batch: 256 colour images of 64 pixels, or all of a small set of vectors.
TEST_NUMBERS = 256 * 3 * 64 * 64
TEST_SHARE = 0.5


class Feed(Protocol):
    """What a protocol decides: which samples train together, and which are tested."""

    def epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of one epoch, as (real, fake)."""
        ...

    def tested(self) -> Sequence[Tensor]:
        """Indices of the samples that are tested after each epoch: of the real set, then of every model."""
        ...


class Schedule(Protocol):
    """The optimisation of a discriminator."""

    @property
    def epochs(self) -> int:
        """Number of epochs, at least 2."""
        ...

    @property
    def lr(self) -> float:
        """Adam's learning rate."""
        ...

    @property
    def betas(self) -> tuple[float, float]:
        """Adam's decay rates."""
        ...


@dataclass(frozen=True)
class Followed:
    """The outputs of one discriminator on one set.

    Attributes:
        curve: (E,) mean sigmoid output after each epoch.
        index: (n,) the samples that were tested.
        areas: (n,) the area under each sample's own curve; the area under `curve` is their mean.
        errors: (E,) standard error of each point of `curve` over the samples.
    """

    curve: np.ndarray
    index: np.ndarray
    areas: np.ndarray
    errors: np.ndarray


class PaperFeed:
    """Train and test on the same samples; fakes of all models in one pool (the authors' NRDS.py).

    Every epoch shuffles the reals and the pool, and takes min(reals, pool) // batch batches, so a pool larger than the
    reals is not used up. Without a batch size (vectors) a step sees everything, as in the toy example.
    """

    def __init__(self, real: Samples, fakes: Sequence[Samples], batch: int | None, seed: int, device: torch.device):
        self.real, self.fakes, self.device = real, fakes, device
        self.sizes = np.cumsum([0, *map(len, fakes)])
        self.batch = None if batch is None else min(batch, len(real), int(self.sizes[-1]))
        self.shuffle_real = stream(seed, "real", real.digest)
        self.shuffle_pool = stream(seed, "pool", *(f.digest for f in fakes))
        self.whole = None if self.batch else (real.take(slice(None), device), self._pooled(slice(None)))

    def epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of one epoch."""
        if self.batch is None:
            assert self.whole is not None
            yield self.whole
            return
        reals = torch.randperm(len(self.real), generator=self.shuffle_real)
        pool = torch.randperm(int(self.sizes[-1]), generator=self.shuffle_pool)
        for start in range(0, min(len(reals), len(pool)) // self.batch * self.batch, self.batch):
            chosen = slice(start, start + self.batch)
            yield self.real.take(reals[chosen], self.device), self._pooled(pool[chosen])

    def tested(self) -> Sequence[Tensor]:
        """All samples."""
        return [torch.arange(len(samples)) for samples in (self.real, *self.fakes)]

    def _pooled(self, index: Tensor | slice) -> Tensor:
        if isinstance(index, slice):
            return torch.cat([fake.take(index, self.device) for fake in self.fakes])
        owner = torch.searchsorted(torch.as_tensor(self.sizes[1:]), index, right=True)
        chunks = [fake.take(index[owner == k] - int(self.sizes[k]), self.device) for k, fake in enumerate(self.fakes)]
        return torch.cat(chunks)


class RobustFeed:
    """Hold out half of every set for testing, and give every model an equal share of every batch.

    How a set is split and shuffled depends on the seed and on its own contents, so a set given twice is treated alike.
    A batch holds `batch` reals and batch // models fakes of each model, fewer where a set has fewer; a small set comes
    round more often. Without a batch size (vectors) a step sees all reals and as many fakes of each model as the
    smallest set has.
    """

    def __init__(self, real: Samples, fakes: Sequence[Samples], batch: int | None, seed: int, device: torch.device):
        self.sets, self.device = (real, *fakes), device
        self.draw, self.held_out = [], []
        for samples in self.sets:
            order = stream(seed, "split" if samples is not real else "split real", samples.digest)
            shuffled = torch.randperm(len(samples), generator=order)
            tests = max(1, round(TEST_SHARE * len(samples)))
            self.held_out.append(shuffled[:tests].sort().values)
            self.draw.append(_Rounds(shuffled[tests:], order))
        training = [len(draw.index) for draw in self.draw]
        self.reals = training[0] if batch is None else min(batch, training[0])
        self.share = min(training[1:]) if batch is None else max(1, min(batch // len(fakes), *training[1:], batch))
        self.batches = max(1, min(training[0] // self.reals, sum(training[1:]) // (self.share * len(fakes))))

    def epoch(self) -> Iterator[tuple[Tensor, Tensor]]:
        """The batches of one epoch: about one pass over the training reals, or over the training fakes if fewer."""
        for _ in range(self.batches):
            sizes = (self.reals, *[self.share] * (len(self.sets) - 1))
            real, *fakes = (
                samples.take(draw(size), self.device)
                for samples, draw, size in zip(self.sets, self.draw, sizes, strict=True)
            )
            yield real, torch.cat(fakes)

    def tested(self) -> Sequence[Tensor]:
        """The held-out samples."""
        return self.held_out


class _Rounds:
    """Endless samples from an index, in rounds: each round is a new permutation of all of them."""

    def __init__(self, index: Tensor, generator: torch.Generator):
        self.index, self.generator, self.left = index, generator, index[:0]

    def __call__(self, count: int) -> Tensor:
        while len(self.left) < count:
            again = self.index[torch.randperm(len(self.index), generator=self.generator)]
            self.left = torch.cat([self.left, again])
        drawn, self.left = self.left[:count], self.left[count:]
        return drawn


def follow(
    sets: Sequence[Samples],
    feed: Feed,
    network: nn.Module,
    how: Schedule,
    device: torch.device,
    tick: Callable[[int], None],
) -> list[Followed]:
    """Train one discriminator with Adam on class-balanced cross-entropy (real 1, fake 0), testing after each epoch.

    Args:
        sets: the real set, then every model's.
        feed: the protocol's batches and tested samples.
        how: epochs, learning rate and Adam's betas.
        tick: called after every epoch with the number done.

    Returns:
        One record per set. Areas follow the trapezoid rule with unit spacing over epochs 1 to E.
    """
    parameters = list(network.parameters())
    if not parameters:
        raise UsageError("The discriminator has no parameters to train.")
    optimiser = torch.optim.Adam(parameters, lr=how.lr, betas=how.betas)
    epochs = how.epochs
    tested = feed.tested()
    curves, errors = np.zeros((len(sets), epochs)), np.zeros((len(sets), epochs))
    areas = [np.zeros(len(index)) for index in tested]
    for epoch in range(epochs):
        network.train()
        for real, fake in feed.epoch():
            on_real, on_fake = logits(network, torch.cat([real, fake])).split([len(real), len(fake)])
            descend(F.softplus(-on_real).mean() + F.softplus(on_fake).mean(), parameters, optimiser)
        network.eval()
        weight = 0.5 if epoch in (0, epochs - 1) else 1.0
        for k, (samples, index) in enumerate(zip(sets, tested, strict=True)):
            output = _outputs(network, samples, index, device)
            curves[k, epoch] = output.mean()
            errors[k, epoch] = output.std(ddof=1) / len(output) ** 0.5 if len(output) > 1 else 0.0
            areas[k] += weight * output
        tick(epoch + 1)
    return [Followed(c, index.numpy(), a, e) for c, index, a, e in zip(curves, tested, areas, errors, strict=True)]


@torch.inference_mode()
def _outputs(network: nn.Module, samples: Samples, index: Tensor, device: torch.device) -> np.ndarray:
    """Sigmoid outputs for the samples of an index, (n,)."""
    batch = max(1, TEST_NUMBERS // math.prod(samples.shape))
    outputs = [torch.sigmoid(logits(network, samples.take(chunk, device))) for chunk in index.split(batch)]
    return torch.cat(outputs).double().cpu().numpy()


def stream(seed: int, purpose: str, *digests: bytes) -> torch.Generator:
    """A random stream that depends on the seed, a purpose and digests of contents."""
    key = hashlib.blake2b(f"{seed} {purpose}".encode(), digest_size=7)
    for digest in digests:
        key.update(digest)
    return torch.Generator().manual_seed(int.from_bytes(key.digest(), "big"))
