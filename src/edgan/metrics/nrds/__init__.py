"""Normalised relative discriminative score: one fresh discriminator is trained against the samples of all models at
once, and the model whose samples it takes longest to reject ranks first.

Zhang, Song, Qi, "Decoupled Learning for Conditional Adversarial Networks", 2018, section 3, Eq. 10-13.

`paper` follows the authors' code: fakes of all models in one pool, class-balanced cross-entropy, tested after each
epoch on the training samples, one discriminator, area by the trapezoid rule with unit spacing over epochs 1 to E.
`robust` gives every model an equal share of every batch, tests on samples that never trained, and repeats over five
seeds; a narrower discriminator keeps its cost down. Neither depends on names or on the order of the models.

On the toy example (Fig. 6) both give about .61 / .39. The paper's .6717 / .3283 is one draw of a small sample: with
many samples the best possible discriminator gives .618, and no seed at 500 per set comes near .67.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch

from edgan.metrics.nrds.discriminators import Discriminator, build
from edgan.metrics.nrds.result import NRDS, summarise
from edgan.metrics.nrds.samples import Samples, read_sets
from edgan.metrics.nrds.settings import Settings, settle
from edgan.metrics.nrds.training import Followed, follow, stream
from edgan.processes import ALONE, Processes

__all__ = ["NRDS", "nrds"]


def nrds(
    real: Any,
    fakes: Mapping[str, Any],
    *,
    protocol: str = "robust",
    seed: int = 0,
    seeds: int | None = None,
    epochs: int | None = None,
    batch: int | None = None,
    discriminator: Discriminator | None = None,
    device: str | torch.device = "cpu",
    progress: Callable[[int, int], None] | None = None,
    processes: Processes = ALONE,
) -> NRDS:
    """Rank models by how long a discriminator takes to tell their samples from real ones (section 3, Eq. 11).

    Args:
        real: (N, ...): float images (N, C, H, W) in [-1, 1], uint8 images (N, H, W, C) with x meaning x / 127.5 - 1, or
            vectors (N, D). (N, H, W) is grey images; other shapes are flattened to vectors.
        fakes: the same for each model by name; numbers of samples may differ.
        protocol: "robust" or "paper".
        seed: of all random streams. Equal calls on the same machine give equal results.
        seeds: number of discriminators to train; 5 (robust) or 1 (paper).
        epochs: at least 2; 16 (robust) or 20 (paper) for images, 300 for vectors.
        batch: reals in a step, and about as many fakes; 10 (robust) or 25 (paper) for images, everything for
            vectors; less for small sets.
        discriminator: makes a fresh network from (n, C, H, W) or (n, D) to one logit each; by default the authors' four
            convolutions for images (from 64 channels; `robust` from 16) and the paper's 32-32 perceptron for vectors.
        device: where the discriminator runs.
        progress: called with (epochs done, epochs in all) after each epoch of this process.
        processes: that share the discriminators. All get the whole result.

    Raises:
        UsageError: for an unknown protocol, no model, a set of fewer than 2 samples, sets of different shapes, NaN, or
            a discriminator that does not give one logit per sample.
    """
    first, models = read_sets(real, fakes)
    settings = settle(protocol, first, seeds=seeds, epochs=epochs, batch=batch, discriminator=discriminator)
    repeats = processes.share(settings.seeds)

    def run(done: int, repeat: int) -> list[Followed]:
        def tick(epoch: int) -> None:
            if progress:
                progress(done * settings.epochs + epoch, len(repeats) * settings.epochs)

        return _run(first, models, settings, seed, repeat, torch.device(device), tick)

    gathered = processes.gathered([run(done, repeat) for done, repeat in enumerate(repeats)])
    runs = [followed for own in gathered for followed in own]
    return summarise(list(map(str, fakes)), [first, *models], runs, seed, settings.protocol)


def _run(
    real: Samples,
    models: list[Samples],
    settings: Settings,
    seed: int,
    repeat: int,
    device: torch.device,
    tick: Callable[[int], None],
) -> list[Followed]:
    """Train the repeat-th discriminator. (With seed + repeat, neighbouring seeds would share most of them.)"""
    own_seed = stream(seed, f"repeat {repeat}").initial_seed()
    feed = settings.feed(real, models, settings.batch, own_seed, device)
    return follow([real, *models], feed, build(settings.make, own_seed, device), settings, device, tick)
