"""CAAE: an autoencoder whose decoder takes age and gender as input, so that a face can be redrawn at another age.

Age Progression/Regression by Conditional Adversarial Autoencoder (Zhang, Song, Qi; CVPR 2017; arXiv 1702.08423), in the
form in which Paper 1 uses it (Decoupled Learning for Conditional Adversarial Networks, Section 4.2.2, Fig. 12, Table
5). Age is one of ten bins and gender one of two, coded +1/-1. Both are concatenated with z, repeated to z's length, and
with the maps of the image discriminator's first layer. A second discriminator pulls z to U(-1, 1).

`caae//` is Paper 1's twin: the generator is a copy of the decoder and has the decoder's input, z with the labels.

The preset `paper` is the released CAAE: Table 1's encoder and decoder without batch norm and with the two extra layers
at full size, a discriminator of 16 to 128 channels, batches of 100, all networks stepping at once. The released code
multiplies its z-loss for the encoder by 0, though the text has it: `latent.weight` turns it on. It multiplies total
variation by 0 as well, which is left out here. The preset `paper` of the twin is Paper 1's code: D of 64 to 512
channels, batches of 25, a generator with batch norm that steps twice, the second time after the other networks; here
both of its steps come after theirs.

The preset `small` is for 64 px on two CPU cores. Its D has batch norm, which normalises fakes by themselves, so that D
does not see how strong a residual is. Nothing then holds a generator without norm, as a copy of the decoder is: at 32
px its residual reached an RMS of .9 in 100 steps. So in the twin's `small` preset D has R1 in place of its norm, and
the generator has batch norm, starts from the base, and learns more slowly.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal

from pydantic import Field
from torch import nn

from edgan.losses import discrimination, l1, non_saturating
from edgan.methods.base import Edit, Method, Shape
from edgan.methods.common import ed_gan
from edgan.methods.common.identity import identity
from edgan.methods.common.latent_prior import LatentPrior, LatentSettings, latent_prior
from edgan.methods.common.r1 import R1Settings, lazy_r1
from edgan.methods.page import Page, Preset
from edgan.methods.reconstruction import face_labels
from edgan.methods.twin_settings import GeneratorSettings, TwinOptions
from edgan.nets.labelled import LabelDiscriminator
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row
from edgan.settings import OptimiserSettings, Strict, TrainingSettings


class DiscriminatorSettings(Strict):
    """The image discriminator. Its norm keeps no running statistics; real and fake are normalised separately."""

    width: int = 16
    max_width: int = 128
    kernel: int = 5
    norm: Literal["batch", "instance", "group", "none"] = "batch"
    activation: Literal["relu", "leaky"] = "relu"
    fully_connected: int = 1024
    init: Literal["dcgan", "he", "torch"] = "dcgan"


class Settings(Strict):
    """Settings of CAAE."""

    network: ed_gan.NetworkSettings = ed_gan.NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    latent: LatentSettings = LatentSettings(prior="aae")
    penalty: R1Settings = R1Settings()
    adversarial_weight: float = Field(1e-4, ge=0, description="lambda of Eq. 1; unused in the twin")


class TwinSettings(Settings, TwinOptions):
    """Settings of CAAE's twin."""


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    latent, weight = latent_prior(settings.latent), settings.adversarial_weight
    penalty_taps, penalty_rows = lazy_r1(settings.penalty, ("label_maps",))
    taps = (
        *latent.taps,
        Tap("traits", ("attributes",), function=face_labels.columns(shape)),
        Tap("labels", ("traits",), function=face_labels.one_hot_labels),
        Tap("code", ("z", "labels"), function=face_labels.append_labels),
        Tap("base", ("code",), network="decoder"),
        Tap("output", ("base",), function=identity),
        Tap("label_maps", ("labels",), function=face_labels.discriminator_labels),
        Tap("d_real", ("image", "label_maps"), network="discriminator"),
        Tap("d_fake", ("output", "label_maps"), network="discriminator"),
        *penalty_taps,
    )
    adversarial = Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Eq. 1")
    table = Table(
        ("encoder", "decoder", "discriminator", *latent.networks),
        (
            row(Term("reconstruction", l1, ("base", "image"), "L1(base, image)", "Eq. 1"), encoder=1.0, decoder=1.0),
            row(adversarial, encoder=weight, decoder=weight),
            row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Eq. 1"), discriminator=1.0),
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
        edit=Edit(tap="traits", names=face_labels.READ, units={"Age": face_labels.YEARS}),
    )


def networks(settings: Settings, latent: LatentPrior, shape: Shape) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the networks, by column."""
    length = face_labels.code_length(settings.latent.size)
    options = {**settings.discriminator.model_dump(), "labels": 2 * face_labels.AGES}
    return {
        "encoder": ed_gan.encoder(settings.network, settings.latent, shape),
        "decoder": ed_gan.decoder(settings.network, length, shape),
        "discriminator": lambda: LabelDiscriminator(size=shape.size, channels=shape.channels, **options),
        **latent.networks,
    }


_SLOW = OptimiserSettings(lr=5e-5, beta1=0.5)

PAGE = Page(
    name="caae",
    summary="faces with age and gender as inputs, so that a face can be redrawn at another age",
    paper="Zhang, Song, Qi: Age Progression/Regression by Conditional Adversarial Autoencoder (CVPR 2017)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "edit"),
    presets={
        "paper": Preset(
            TrainingSettings(batch=100, optimiser=OptimiserSettings(lr=2e-4, beta1=0.5)),
            Settings(
                network=ed_gan.NetworkSettings(norm="none", head=True),
                discriminator=DiscriminatorSettings(width=16, max_width=128),
                latent=LatentSettings(weight=0.0),
            ),
        ),
        "small": Preset(
            ed_gan.SMALL_TRAINING,
            Settings(network=ed_gan.SMALL_NETWORK, discriminator=DiscriminatorSettings(fully_connected=256)),
        ),
    },
    twin_settings=TwinSettings,
    twin_presets={
        "paper": Preset(
            TrainingSettings(batch=25, optimiser=OptimiserSettings(lr=2e-4, beta1=0.5)),
            TwinSettings(
                network=ed_gan.NetworkSettings(norm="none", head=True),
                discriminator=DiscriminatorSettings(width=64, max_width=512),
                latent=LatentSettings(weight=0.0),
                generator=GeneratorSettings(norm="batch"),
                generator_steps=2,
            ),
        ),
        "small": Preset(
            ed_gan.SMALL_TRAINING.model_copy(
                update={"optimisers": {**ed_gan.SMALL_TRAINING.optimisers, "generator": _SLOW}}
            ),
            TwinSettings(
                network=ed_gan.SMALL_NETWORK,
                discriminator=DiscriminatorSettings(fully_connected=256, norm="none", activation="leaky", init="he"),
                generator=GeneratorSettings(norm="batch", output_gain=0.0),
                penalty=R1Settings(weight=40.0),
            ),
        ),
    },
    build=build,
    needs=("attributes",),
    example={"attributes": face_labels.READ},
)
