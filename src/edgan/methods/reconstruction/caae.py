"""CAAE: an autoencoder whose decoder is told age and gender, so that a face can be drawn again at another age.

Age Progression/Regression by Conditional Adversarial Autoencoder (Zhang, Song, Qi; CVPR 2017; arXiv 1702.08423), in the
form that Paper 1 takes it over (Decoupled Learning for Conditional Adversarial Networks, Section 4.2.2, Fig. 12, Table
5). Age is one of ten bins and gender one of two, coded +1/-1; both stand beside z, tiled to z's length, and beside the
maps of the image discriminator's first layer. A second discriminator pulls z to U(-1, 1).

`caae//` is Paper 1's twin: the generator is a copy of the decoder and reads what it reads, z with the labels.

The preset `paper` is the released CAAE: Table 1's encoder and decoder without batch norm and with the two extra layers
at full size, a discriminator of 16 to 128 channels, batches of 100, all networks stepping at once. Its z-loss for the
encoder is multiplied by 0, though the text has it: `latent.weight` turns it on. Released total variation: by 0 as well,
and left out here. Paper 1's code steps the twin's generator twice per step, gives it batch norm, and widens D to 64-512
(`discriminator.width=64`, `discriminator.max_width=512`). The preset `small` is for 64 px on two CPU cores.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field
from torch import nn

from edgan.losses import discrimination, l1, non_saturating
from edgan.methods.base import Edit, Method, Shape
from edgan.methods.common.ed_gan import PAPER, SMALL, NetworkSettings
from edgan.methods.common.identity import identity
from edgan.methods.common.latent_prior import LatentSettings, latent_networks, latent_prior
from edgan.methods.page import Page, Preset
from edgan.methods.reconstruction.face_labels import (
    AGES,
    READ,
    YEARS,
    balanced,
    beside,
    code_length,
    coded,
    columns,
)
from edgan.nets.ed_gan import Decoder, Encoder
from edgan.nets.labelled import LabelDiscriminator
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row
from edgan.settings import Strict


class DiscriminatorSettings(Strict):
    """The image discriminator. Its norm keeps no running statistics: real and fake go through it apart."""

    width: int = 16
    max_width: int = 128
    kernel: int = 5
    norm: Literal["batch", "instance", "group", "none"] = "batch"
    activation: Literal["relu", "leaky"] = "relu"
    fully_connected: int = 1024
    init: Literal["dcgan", "he", "torch"] = "dcgan"


class Settings(Strict):
    """Settings of CAAE and of its twin."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    latent: LatentSettings = LatentSettings(prior="aae")
    adversarial_weight: float = Field(1e-4, ge=0, description="lambda of Eq. 1; the twin does without")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    latent, weight = latent_prior(settings.latent), settings.adversarial_weight
    taps = (
        *latent.taps,
        Tap("traits", ("attributes",), function=columns(shape)),
        Tap("labels", ("traits",), function=coded),
        Tap("code", ("z", "labels"), function=beside),
        Tap("base", ("code",), network="decoder"),
        Tap("output", ("base",), function=identity),
        Tap("label_maps", ("labels",), function=balanced),
        Tap("d_real", ("image", "label_maps"), network="discriminator"),
        Tap("d_fake", ("output", "label_maps"), network="discriminator"),
    )
    adversarial = Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Eq. 1")
    table = Table(
        ("encoder", "decoder", "discriminator", *latent.networks),
        (
            row(Term("reconstruction", l1, ("base", "image"), "L1(base, image)", "Eq. 1"), encoder=1.0, decoder=1.0),
            row(adversarial, encoder=weight, decoder=weight),
            row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Eq. 1"), discriminator=1.0),
            *latent.rows,
        ),
    )
    phases = (
        Phase("discriminate", ("discriminator", *latent.networks)),
        Phase("reconstruct and generate", ("encoder", "decoder")),
    )
    networks = builders(settings, shape)
    return Method(
        plan=Plan(table, taps, (Stage("together", phases, simultaneous=True),)),
        networks={name: networks[name] for name in table.networks},
        latent=latent.latent,
        edit=Edit(tap="traits", names=READ, units={"Age": YEARS}),
    )


def builders(settings: Settings, shape: Shape) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the networks, by column."""
    net, latent = dict(settings.network), settings.latent
    common: dict[str, Any] = {"size": shape.size, "channels": shape.channels}
    encoder = {name: net[name] for name in ("width", "max_width", "kernel", "norm", "activation", "init")}
    outputs = 2 * latent.size if latent.prior == "vae" else None
    judge = {**common, **dict(settings.discriminator), "labels": 2 * AGES}
    return {
        "encoder": lambda: Encoder(**common, **encoder, latent=latent.size, outputs=outputs),
        "decoder": lambda: Decoder(**common, **net, latent=code_length(latent.size)),
        "discriminator": lambda: LabelDiscriminator(**judge),
        **latent_networks(latent),
    }


PAGE = Page(
    name="caae",
    summary="faces with age and gender beside the latent, so that a face can be drawn again at another age",
    paper="Zhang, Song, Qi: Age Progression/Regression by Conditional Adversarial Autoencoder (CVPR 2017)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "edit"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": {
                **PAPER,
                "batch": 100,
                "network.norm": "none",
                "network.head": True,
                "discriminator.width": 16,
                "discriminator.max_width": 128,
                "latent.weight": 0.0,
            },
            "small": {
                **{
                    name: value
                    for name, value in SMALL.items()
                    if name.split(".")[0] not in ("discriminator", "penalty")
                },
                "discriminator.fully_connected": 256,
            },
        }.items()
    },
    build=build,
    needs=("attributes",),
    example={"attributes": READ},
)
