"""The modified cGAN: a conditional GAN that edits, because a connection network finds its inputs.

Editable GAN's rival in appendix A of Paper 3 (Fig. 5), which names it, cites Conditional Generative Adversarial Nets
(Mirza and Osindero 2014) and says no more. The reading here: what is modified is what lets a cGAN edit, and all else is
as in Editable GAN, so that the two differ in one thing. No classifier tells G what an attribute looks like; D is told
the attributes and judges whether picture and attributes belong together. The attributes join D's maps behind its last
features, so that these need none: from them alone CN finds the latent and the attributes of an image, the former on
drawn pictures, the latter on the data's. No edited picture is part of the game.
"""

from __future__ import annotations

from typing import Any

from edgan.losses import discrimination, non_saturating
from edgan.methods.attributes.editable_parts import (
    LATENT_ROW,
    PAPER,
    RELEASED,
    SMALL,
    EditableSettings,
    connection_builder,
    drawn_taps,
    found_taps,
    generator_builder,
    method_of,
)
from edgan.methods.attributes.parts import Part, targets_of
from edgan.methods.base import Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.common.r1 import r1_row
from edgan.methods.page import Page, Preset
from edgan.nets.editable import Discriminator
from edgan.routing import Row, Table, Tap, Term, row


class Settings(EditableSettings):
    """Settings of the modified cGAN."""


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    targets = targets_of("modified-cgan", shape)
    count, size = len(targets.names), settings.latent.size
    taps = (
        *drawn_taps(settings.latent, targets),
        Tap("features_real", ("image",), network="discriminator", method="features"),
        Tap("d_real", ("features_real", "y_given"), network="discriminator", method="judge"),
        Tap("features_fake", ("drawn",), network="discriminator", method="features"),
        Tap("d_fake", ("features_fake", "y_given"), network="discriminator", method="judge"),
        *found_taps(size, targets, ("features_real",), ("features_fake",)),
        Tap("y_logits", ("found",), function=Part(size, None)),
        Tap("real_point", ("image",), function=identity, leaf=True, float32=True),
        Tap("d_real_point", ("real_point", "y_given"), network="discriminator", float32=True),
    )
    rows: tuple[Row, ...] = (
        row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Mirza 2014"), generator=1.0),
        row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Mirza 2014"), discriminator=1.0),
        LATENT_ROW,
        row(targets.classification, connection=1.0),
        *([r1_row(settings.penalty)] if settings.penalty.weight else []),
    )
    width = settings.network.discriminator
    common: dict[str, Any] = {"size": shape.size, "channels": shape.channels, "targets": count}
    return method_of(
        "modified-cgan",
        settings,
        targets,
        Table(("generator", "discriminator", "connection"), rows),
        taps,
        {
            "generator": generator_builder(settings, shape, count),
            "discriminator": lambda: Discriminator(**common, width=width),
            "connection": connection_builder(settings, shape, count, (width,), 0),
        },
    )


PAGE = Page(
    name="modified-cgan",
    summary="a GAN that is told attributes, and a connection network that finds them: Editable GAN's rival",
    paper="Mirza, Osindero: Conditional Generative Adversarial Nets (2014), as " + PAPER,
    settings=Settings,
    capabilities=("sample", "reconstruct", "encode", "edit"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": {name: value for name, value in RELEASED.items() if not name.startswith("optimisers.classifier")},
            "small": SMALL,
        }.items()
    },
    build=build,
    example={"attributes": tuple(f"attribute_{i}" for i in range(1, 11))},
)
