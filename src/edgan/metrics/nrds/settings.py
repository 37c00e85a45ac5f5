"""The two protocols of NRDS, their defaults, and the sentence that describes a call."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from edgan.errors import UsageError, near_miss
from edgan.metrics.nrds.discriminators import Discriminator, image_discriminator, vector_discriminator
from edgan.metrics.nrds.samples import Samples
from edgan.metrics.nrds.training import PaperFeed, RobustFeed


@dataclass(frozen=True)
class Recipe:
    """The defaults of a protocol.

    Attributes:
        feed: how samples are drawn.
        seeds: number of discriminators.
        width, epochs, batch, lr: for images: the discriminator's width, epochs, batch size and learning rate.
        words: what it does, for the sentence of the protocol.
    """

    feed: type[PaperFeed] | type[RobustFeed]
    seeds: int
    width: int
    epochs: int
    batch: int
    lr: float
    words: str


# `paper`: rate and network of the authors' NRDS.py, their recorded demo's 20 epochs, the paper's batch of 25.
# `robust`: 200 real faces are 10 steps an epoch; at this rate 16 such epochs tell a blur of half a pixel from real.
RECIPES = {
    "paper": Recipe(PaperFeed, 1, 64, 20, 25, 2e-4, "fakes pooled, tested on the training samples"),
    "robust": Recipe(
        RobustFeed, 5, 16, 16, 10, 5e-4, "equal share per model, tested on the held-out half of every set"
    ),
}
IMAGE_BETAS = (0.5, 0.999)
# The toy example's optimiser is nowhere stated: with this one it converges within its 300 epochs.
VECTOR_EPOCHS, VECTOR_LR, VECTOR_BETAS = 300, 2e-3, (0.9, 0.999)


@dataclass(frozen=True)
class Settings:
    """One call's settings with every default filled in. `batch` None means full batches."""

    feed: type[PaperFeed] | type[RobustFeed]
    seeds: int
    epochs: int
    batch: int | None
    lr: float
    betas: tuple[float, float]
    make: Discriminator
    protocol: str


def settle(
    protocol: str,
    real: Samples,
    *,
    seeds: int | None,
    epochs: int | None,
    batch: int | None,
    discriminator: Discriminator | None,
) -> Settings:
    """Fill in the defaults.

    Raises:
        UsageError: for an unknown protocol or a number that is too small.
    """
    check_request(protocol, seeds=seeds, epochs=epochs, batch=batch)
    recipe = RECIPES[protocol]
    seeds = recipe.seeds if seeds is None else seeds
    epochs = (recipe.epochs if real.is_image else VECTOR_EPOCHS) if epochs is None else epochs
    batch = recipe.batch if batch is None and real.is_image else batch
    lr, betas = (recipe.lr, IMAGE_BETAS) if real.is_image else (VECTOR_LR, VECTOR_BETAS)
    make, network = _default(real.shape, recipe.width)
    if discriminator:
        make, network = discriminator, "the caller's discriminator"
    words = (
        f"NRDS {protocol}: {recipe.words}; {network}; {epochs} epochs, {f'batch {batch}' if batch else 'full batch'}, "
        f"Adam {lr:g}; {_covers(protocol, seeds)}"
    )
    return Settings(recipe.feed, seeds, epochs, batch, lr, betas, make, words)


def check_request(
    protocol: str, *, seeds: int | None = None, epochs: int | None = None, batch: int | None = None
) -> None:
    """Refuse what no samples could make right.

    Raises:
        UsageError: for an unknown protocol or a number that is too small.
    """
    if protocol not in RECIPES:
        raise UsageError(f"There is no NRDS protocol {protocol!r}. {near_miss(protocol, RECIPES)}")
    for name, value, least in (("seeds", seeds, 1), ("epochs", epochs, 2), ("batch", batch, 1)):
        if value is not None and value < least:
            raise UsageError(f"must be at least {least} (got {value}).", parameter=name)


def _default(shape: tuple[int, ...], width: int) -> tuple[Discriminator, str]:
    if len(shape) == 3:
        return partial(
            image_discriminator, (shape[0], shape[1], shape[2]), width
        ), f"5x5 convolutions from {width} channels"
    return partial(vector_discriminator, shape[0]), "perceptron of 32 and 32 nodes"


def _covers(protocol: str, seeds: int) -> str:
    if seeds == 1:
        return "1 seed; 95 % intervals cover another draw of tested samples, not another discriminator"
    varied = "initial weights, batches" + (", split into halves" if protocol == "robust" else "")
    return (
        f"mean of {seeds} seeds; 95 % t-intervals over them cover {varied}, and by bootstrap another draw of tested "
        "samples; not another training of the models"
    )
