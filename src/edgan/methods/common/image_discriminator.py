"""Which discriminator judges images: the paper's own network, or heads on pretrained features; and what it sees."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Literal

from pydantic import Field
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.losses import critic_score, hinge_discrimination
from edgan.methods.base import Shape
from edgan.nets.diff_augment import (
    DRAWS,
    diff_augment,
    diff_augment_colours_and_shift,
    diff_augment_places,
    diff_augment_shift,
)
from edgan.nets.projected_discriminator import ProjectedDiscriminator, smallest_side
from edgan.routing import Tap, Term
from edgan.settings import Strict

FEW_IMAGES = 10_000
"""With fewer training images, a discriminator soon knows them by heart, and augmentation helps (Zhao et al. 2020)."""


class ProjectedSettings(Strict):
    """What a discriminator on pretrained features can be; a subclass says which other kinds it has."""

    kind: str = "paper"
    heads: int = Field(64, ge=8, description="projected: channels of the random projections and heads")
    head_norm: Literal["none", "batch"] = Field(
        "none",
        description="projected: norm in the heads; batch, as in Projected GAN's code, keeps DCGAN from losing classes",
    )
    augment: Literal["never", "few", "always"] = Field(
        "never", description="DiffAugment on what D sees; few: below 10,000 training images"
    )
    augment_colour: bool = Field(True, description="whether DiffAugment changes colours too")
    augment_cutout: bool = Field(True, description="whether DiffAugment cuts out a square too")


class ImageDiscriminatorSettings(ProjectedSettings):
    """What every image discriminator can be."""

    kind: Literal["paper", "projected"] = Field(
        "paper", description="the paper's network and loss, or heads on pretrained features with the hinge loss"
    )


CHOICE = set(ImageDiscriminatorSettings.model_fields)
"""The names of these settings, which the paper's networks do not take."""


def judged_taps(
    settings: ProjectedSettings,
    shape: Shape,
    condition: tuple[str, ...] = (),
    fake: str = "output",
    *,
    real: str = "image",
    source: str | None = None,
    network: str = "discriminator",
    logits: tuple[str, str] = ("d_real", "d_fake"),
    fake_maps: str | None = None,
) -> tuple[Tap, ...]:
    """`d_real` and `d_fake`: the discriminator's logits of the image and of the generated one.

    Args:
        settings: which discriminator, and whether it sees augmented images.
        shape: of the data.
        condition: taps that it reads after the image.
        fake: the tap of the generated image.
        real: the tap of the real image.
        source: a picture that it reads after the image, and that moves with the image where that is augmented.
        network: the discriminator's column.
        logits: names of the two taps.
        fake_maps: a projected discriminator: name of a further tap with the pretrained maps of the generated image as
            D sees it, for a loss on them.
    """
    taps, seen = seen_taps(settings, shape, {"real": real, "fake": fake})
    sources = {} if source is None else {"real": source, "fake": source}
    if source is not None and augments(settings, shape):
        sources = {kind: f"source_of_{kind}" for kind in seen}
        move = diff_augment_places if settings.augment_cutout else diff_augment_shift
        moved = [Tap(f"source_of_{kind}", (source, f"augment_{kind}"), function=move) for kind in seen]
        taps = (*taps, *moved)
    judged = [
        Tap(name, (seen[kind], *condition, *([sources[kind]] if sources else [])), network=network)
        for kind, name in zip(("real", "fake"), logits, strict=True)
    ]
    if fake_maps is not None:
        maps = Tap(fake_maps, (seen["fake"],), network=network, method="pretrained_maps")
        judged[1] = replace(judged[1], inputs=(fake_maps, *judged[1].inputs[1:]), method="judge")
        judged.insert(1, maps)
    return (*taps, *judged)


def augments(settings: ProjectedSettings, shape: Shape) -> bool:
    """Whether the discriminator sees augmented images of this data."""
    return settings.augment == "always" or (settings.augment == "few" and shape.training_images < FEW_IMAGES)


def game_terms(settings: ProjectedSettings, adversarial: Term, discrimination: Term) -> tuple[Term, Term]:
    """The two sides of the game: the paper's terms, or the hinge loss of a projected discriminator.

    Args:
        settings: which discriminator.
        adversarial: the generator's side in the paper; reads "d_fake".
        discrimination: the discriminator's side in the paper; reads "d_real" and "d_fake".
    """
    if settings.kind != "projected":
        return adversarial, discrimination
    source = "hinge, Lim 2017"
    return (
        replace(adversarial, loss=critic_score, label="-D(output)", source=source),
        replace(discrimination, loss=hinge_discrimination, label="hinge", source=source),
    )


def image_discriminator(
    settings: ProjectedSettings,
    shape: Shape,
    paper: Callable[[], nn.Module],
    source_channels: int = 0,
    targets: int = 0,
) -> Callable[[], nn.Module]:
    """A builder of the discriminator.

    Args:
        settings: which one.
        shape: of the data.
        paper: builds the paper's.
        source_channels, targets: what a projected one reads after the image.

    Raises:
        UsageError: the images are too small for pretrained features.
    """
    if settings.kind != "projected":
        return paper
    if shape.size < smallest_side():
        raise UsageError(
            f"discriminator.kind=projected needs images of {smallest_side()} pixels or more, and size is {shape.size}. "
            "Raise size, or set discriminator.kind=paper."
        )
    return projected_builder(settings, source_channels, targets)


def projected_builder(
    settings: ProjectedSettings, source_channels: int = 0, targets: int = 0
) -> Callable[[], nn.Module]:
    """A builder of a projected discriminator, which reads this after the image."""
    options: dict[str, Any] = {"width": settings.heads, "norm": settings.head_norm}
    return lambda: ProjectedDiscriminator(source_channels=source_channels, targets=targets, **options)


def seen_taps(
    settings: ProjectedSettings, shape: Shape, pictures: Mapping[str, str]
) -> tuple[tuple[Tap, ...], dict[str, str]]:
    """The taps of augmented pictures, and by kind the tap that the discriminator sees.

    Args:
        settings: whether it sees augmented pictures.
        shape: of the data.
        pictures: kind -> tap, such as {"real": "image"}. The augmented one is "seen_real".
    """
    if not augments(settings, shape):
        return (), dict(pictures)
    change = _augmentation(settings)
    taps: list[Tap] = []
    for kind, picture in pictures.items():
        taps.append(Tap(f"augment_{kind}", noise=("uniform", (DRAWS,))))
        taps.append(Tap(f"seen_{kind}", (picture, f"augment_{kind}"), function=change))
    return tuple(taps), {kind: f"seen_{kind}" for kind in pictures}


def seen_likewise(settings: ProjectedSettings, shape: Shape, picture: str, kind: str) -> tuple[tuple[Tap, ...], str]:
    """Another picture, augmented by the same draws as the one of a kind, so that the two can be compared.

    Args:
        settings: whether the discriminator sees augmented pictures.
        shape: of the data.
        picture: its tap.
        kind: of the picture beside it, which `seen_taps` knows.

    Returns:
        The taps, and the name of the tap to read.
    """
    if not augments(settings, shape):
        return (), picture
    name = f"{picture}_like_{kind}"
    return (Tap(name, (picture, f"augment_{kind}"), function=_augmentation(settings)),), name


def _augmentation(settings: ProjectedSettings) -> Callable[..., Tensor]:
    if settings.augment_cutout:
        return diff_augment if settings.augment_colour else diff_augment_places
    return diff_augment_colours_and_shift if settings.augment_colour else diff_augment_shift
