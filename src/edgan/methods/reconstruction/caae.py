"""CAAE: an autoencoder whose decoder takes age and gender as input, so that a face can be redrawn at another age.

Age Progression/Regression by Conditional Adversarial Autoencoder (Zhang, Song, Qi; CVPR 2017; arXiv 1702.08423), in the
form in which Paper 1 uses it (Decoupled Learning for Conditional Adversarial Networks, Section 4.2.2, Fig. 12, Table
5). Age is one of ten bins and gender one of two, coded +1/-1. Both are concatenated with z, repeated to z's length, and
with the maps of the image discriminator's first layer. A second discriminator pulls z to U(-1, 1).

`caae//` is Paper 1's twin: the generator is a copy of the decoder and has the decoder's input, z with the labels.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from torch import nn

from edgan.losses import discrimination, l1, non_saturating
from edgan.methods.base import Edit, Method, Shape
from edgan.methods.common import ed_gan
from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import CHOICE, game_terms, image_discriminator, judged_taps
from edgan.methods.common.latent_prior import LatentPrior, latent_prior
from edgan.methods.common.r1 import lazy_r1
from edgan.methods.page import Page
from edgan.methods.reconstruction import face_labels
from edgan.methods.reconstruction.caae_settings import (
    PRESETS,
    TWIN_PRESETS,
    Settings,
    TwinSettings,
)
from edgan.nets.labelled import LabelDiscriminator
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    latent, weight = latent_prior(settings.latent), settings.adversarial_weight
    projected = settings.discriminator.kind == "projected"
    seen_labels = "labels" if projected else "label_maps"
    maps = Tap("label_maps", ("labels",), function=face_labels.discriminator_labels)
    seen_maps = ed_gan.OUTPUT_MAPS if projected else None
    penalty_taps, penalty_rows = lazy_r1(settings.penalty, (seen_labels,))
    taps = (
        *latent.taps,
        Tap("traits", ("attributes",), function=face_labels.columns(shape)),
        Tap("labels", ("traits",), function=face_labels.one_hot_labels),
        Tap("code", ("z", "labels"), function=face_labels.append_labels),
        Tap("base", ("code",), network="decoder"),
        Tap("output", ("base",), function=identity),
        *(() if projected else (maps,)),
        *judged_taps(settings.discriminator, shape, (seen_labels,), fake_maps=seen_maps),
        *penalty_taps,
    )
    adversarial, judging = game_terms(
        settings.discriminator,
        Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Eq. 1"),
        Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Eq. 1"),
    )
    table = Table(
        ("encoder", "decoder", "discriminator", *latent.networks),
        (
            row(Term("reconstruction", l1, ("base", "image"), "L1(base, image)", "Eq. 1"), encoder=1.0, decoder=1.0),
            row(adversarial, encoder=weight, decoder=weight),
            row(judging, discriminator=1.0),
            *penalty_rows,
            *latent.rows,
        ),
    )
    phases = (
        Phase("discriminate", ("discriminator", *latent.networks)),
        Phase("reconstruct and generate", ("encoder", "decoder")),
    )
    return Method(
        Plan(table, taps, (Stage("together", phases, simultaneous=True),)),
        networks(settings, latent, shape),
        latent.latent,
        drawer=ed_gan.drawer(settings.network, face_labels.code_length(settings.latent.size), shape),
        feature_loss=ed_gan.feature_loss(settings.discriminator, shape),
        edit=Edit(tap="traits", names=face_labels.READ, units={"Age": face_labels.YEARS}),
    )


def networks(settings: Settings, latent: LatentPrior, shape: Shape) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the networks, by column."""
    length = face_labels.code_length(settings.latent.size)
    chosen = settings.discriminator
    options: dict[str, Any] = {**chosen.model_dump(exclude=CHOICE), "labels": 2 * face_labels.AGES}
    paper = partial(LabelDiscriminator, size=shape.size, channels=shape.channels, **options)
    return {
        "encoder": ed_gan.encoder(settings.network, settings.latent, shape),
        "decoder": ed_gan.decoder(settings.network, length, shape),
        "discriminator": image_discriminator(chosen, shape, paper, targets=face_labels.AGES + face_labels.GENDERS),
        **latent.networks,
    }


PAGE = Page(
    name="caae",
    summary="faces with age and gender as inputs, so that a face can be redrawn at another age",
    paper="Zhang, Song, Qi: Age Progression/Regression by Conditional Adversarial Autoencoder (CVPR 2017)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "edit"),
    presets=PRESETS,
    twin_settings=TwinSettings,
    twin_presets=TWIN_PRESETS,
    build=build,
    needs=("attributes",),
    example={"attributes": face_labels.READ},
)
