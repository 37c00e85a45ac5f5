"""The modified cGAN: a conditional GAN that edits, because a connection network recovers its inputs.

Editable GAN's rival in appendix A of Paper 3 (Fig. 5), which names it, cites Conditional Generative Adversarial Nets
(Mirza and Osindero 2014) and says no more. Here it is Editable GAN with one difference. No classifier shows G what an
attribute looks like; D takes the attributes and judges whether picture and attributes belong together. The attributes
join D's maps behind its last features, so that these depend on the picture alone. From them CN recovers the latent,
learned on drawn pictures, and the attributes, learned on the data. No edited picture is part of the game.
"""

from __future__ import annotations

from typing import Any

from edgan.losses import discrimination, l1, non_saturating
from edgan.methods.attributes.modified_cgan_settings import PRESETS, Settings
from edgan.methods.base import Edit, Latent, Method, Shape
from edgan.methods.common.annealed_latent import annealed_latent
from edgan.methods.common.attribute_targets import targets_of
from edgan.methods.common.editable_networks import (
    connection_builder,
    feature_channels,
    generator_builder,
    judged_with_features,
)
from edgan.methods.common.entries import Entries
from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import game_terms, image_discriminator
from edgan.methods.common.r1 import r1_row
from edgan.methods.page import Page
from edgan.nets.editable_gan import Discriminator
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    targets, latent = targets_of(shape), settings.latent.size
    taps = (
        targets.given,
        annealed_latent("z_drawn", settings.latent),
        Tap("drawn", ("z_drawn", "y_given"), network="generator"),
        *judged_with_features(
            settings.discriminator,
            shape,
            {"real": "image", "fake": "drawn"},
            condition={"real": "y_given", "fake": "y_given"},
        ),
        Tap("cn_real", ("features_real",), network="connection"),
        Tap("z", ("cn_real",), function=Entries(0, latent)),
        Tap("y_logits", ("cn_real",), function=Entries(latent, None)),
        Tap("cn_fake", ("features_fake",), network="connection"),
        Tap("z_fake", ("cn_fake",), function=Entries(0, latent)),
        targets.hard,
        Tap("base", ("z", "y_given"), network="generator"),
        Tap("output", ("base",), function=identity),
        Tap("real_point", ("image",), function=identity, leaf=True, float32=True),
        Tap("d_real_point", ("real_point", "y_given"), network="discriminator", float32=True),
    )
    adversarial, game = game_terms(
        settings.discriminator,
        Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Mirza 2014"),
        Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Mirza 2014"),
    )
    latents = Term("latent", l1, ("z_fake", "z_drawn"), "L1(CN(G(z, y)), z)", "App. A")
    table = Table(
        ("generator", "discriminator", "connection"),
        (
            # The game: D judges pictures together with their attributes, and teaches G.
            row(adversarial, generator=1.0),
            row(game, discriminator=1.0),
            # CN recovers the latents of drawn pictures and the attributes of images.
            row(latents, connection=2.0),
            row(targets.classification, connection=1.0),
            *([r1_row(settings.penalty)] if settings.penalty.weight else []),
        ),
    )
    together = Stage("together", tuple(Phase(name, (name,)) for name in table.networks), simultaneous=True)
    width, kind = settings.network.discriminator, settings.discriminator
    features = (feature_channels(kind, shape, width),)
    conditional: dict[str, Any] = {"size": shape.size, "channels": shape.channels, "targets": targets.count}
    return Method(
        plan=Plan(table, taps, (together,)),
        networks={
            "generator": generator_builder(settings.network, shape, latent, targets.count),
            "discriminator": image_discriminator(
                kind, shape, lambda: Discriminator(**conditional, width=width), targets=targets.count
            ),
            "connection": connection_builder(settings.network, shape, latent + targets.count, features),
        },
        latent=Latent(latent, prior="normal"),
        edit=Edit("y_given", targets.names, targets.kind, code="y"),
        attributes_last=("generator", "discriminator", "connection"),
    )


PAGE = Page(
    name="modified-cgan",
    summary="a GAN conditional on attributes, and a connection network that recovers them: Editable GAN's rival",
    paper="Mirza, Osindero: Conditional Generative Adversarial Nets (2014), as in appendix A of Paper 3",
    settings=Settings,
    capabilities=("sample", "reconstruct", "encode", "edit"),
    presets=PRESETS,
    build=build,
    example={"attributes": tuple(f"attribute_{i}" for i in range(1, 11))},
)
