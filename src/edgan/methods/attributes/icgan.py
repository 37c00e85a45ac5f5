"""IcGAN: a conditional GAN, and two encoders that find its inputs afterwards.

Invertible Conditional GANs for Image Editing (Perarnau et al. 2016), as CDNet's authors run it beside theirs (Paper 2,
Section IV-A2 and the released code): no wrong-label term; then Enc_z learns the latents of generated images and Enc_y
the attributes of real ones, both by squared error. The decoder is the GAN's generator. CDNet's layers, so that only the
losses differ; the target is told to the generator at its first layer and to D after its first.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from edgan.losses import discrimination, l2, non_saturating
from edgan.methods.attributes.parts import (
    DiscriminatorSettings,
    NetworkSettings,
    decoder_builder,
    discriminator_builder,
    encoder_builder,
    judged_taps,
    targets_of,
)
from edgan.methods.base import Edit, Latent, Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.page import Page, Preset
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row
from edgan.settings import Strict


class Settings(Strict):
    """Settings of IcGAN."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    gan_steps: int = Field(10_000, ge=1, description="of the conditional GAN, before the encoders")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    net, targets = settings.network, targets_of("icgan", shape)
    count = len(targets.names)
    taps = (
        targets.given,
        Tap("z_prior", noise=("normal", (net.latent,))),
        Tap("fake", ("z_prior", "y_given"), network="decoder"),
        *judged_taps("real", "image", "y_given"),
        *judged_taps("fake", "fake", "y_given"),
        Tap("z_found", ("fake",), network="encoder"),
        Tap("z", ("image",), network="encoder"),
        Tap("y", ("image",), network="attribute_encoder"),
        Tap("base", ("z", "y_given"), network="decoder"),
        Tap("output", ("base",), function=identity),
    )
    table = Table(
        ("attribute_encoder", "encoder", "decoder", "discriminator"),
        (
            row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "IcGAN Eq. 2"), decoder=1.0),
            row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "IcGAN Eq. 2"), discriminator=1.0),
            row(Term("latents", l2, ("z_found", "z_prior"), "L2(Enc_z(fake), z)", "IcGAN Eq. 3"), encoder=1.0),
            row(Term("attributes", l2, ("y", "y_given"), "L2(y, y_given)", "IcGAN Eq. 4"), attribute_encoder=1.0),
        ),
    )
    game = (Phase("discriminate", ("discriminator",)), Phase("generate", ("decoder",)))
    invert = (Phase("invert", ("attribute_encoder", "encoder")),)
    stages = (
        Stage("conditional GAN", game, simultaneous=False, steps=settings.gan_steps),
        Stage("encoders", invert, simultaneous=True),
    )
    return Method(
        plan=Plan(table, taps, stages),
        networks={
            "attribute_encoder": encoder_builder(net, shape, count),
            "encoder": encoder_builder(net, shape, net.latent),
            "decoder": decoder_builder(net, shape, count, everywhere=False),
            "discriminator": discriminator_builder(settings.discriminator, shape, count),
        },
        latent=Latent(net.latent, prior="normal"),
        edit=Edit("y_given", targets.names, targets.kind, low=0.0, high=6.0, code="y"),
    )


_ADAM: dict[str, Any] = {"optimiser.name": "adam", "optimiser.beta1": 0.5}
_DIGITS: dict[str, Any] = {"size": 28, "batch": 100, "network.width": 32, "network.latent": 10}

PAGE = Page(
    name="icgan",
    summary="a conditional GAN, then encoders that find its latent and its label; edits change the label",
    paper="Perarnau, van de Weijer, Raducanu, Alvarez: Invertible Conditional GANs for Image Editing (2016)",
    settings=Settings,
    capabilities=("sample", "reconstruct", "encode", "edit"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": {**_ADAM, "batch": 64, "optimiser.lr": 2e-4, "network.latent": 100, "gan_steps": 63_575},
            "paper-digits": {
                **_ADAM,
                **_DIGITS,
                "optimiser.lr": 1e-4,
                "optimiser.decay_at": (10_000, 20_000, 30_000, 50_000),
                "network.hidden": (1000,),
                "discriminator.width": 64,
                "discriminator.hidden": 128,
                "gan_steps": 75_000,
            },
            "small": {
                **_ADAM,
                "batch": 64,
                "optimiser.lr": 5e-4,
                "network.width": 32,
                "network.hidden": (512,),
                "network.latent": 100,
                "network.dropout": 0.1,
                "discriminator.stem": 8,
                "discriminator.width": 16,
                "discriminator.max_width": 64,
                "discriminator.hidden": 128,
                "gan_steps": 1_000,
            },
            "small-digits": {
                **_ADAM,
                **_DIGITS,
                "optimiser.lr": 5e-4,
                "network.hidden": (256,),
                "network.dropout": 0.1,
                "discriminator.stem": 8,
                "discriminator.width": 16,
                "discriminator.max_width": 64,
                "discriminator.hidden": 64,
                "gan_steps": 2_000,
            },
        }.items()
    },
    build=build,
    example={"attributes": tuple(f"attribute_{i}" for i in range(1, 41))},
)
