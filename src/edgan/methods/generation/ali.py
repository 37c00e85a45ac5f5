"""ALI (BiGAN): D judges pairs, an image with the latent its encoder gives or a latent with the image it draws.

Adversarially Learned Inference (Dumoulin et al.; ICLR 2017) and Adversarial Feature Learning (Donahue et al.; ICLR
2017), on DCGAN's networks. Where D can no longer tell the pairs apart, the encoder is the generator's inverse: no loss
compares an image with its reconstruction. G and E play against swapped labels on both pairs and all step at once, as in
ALI's code; the encoder is Gaussian, as there.
"""

from __future__ import annotations

from pydantic import Field

from edgan.losses import discrimination
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.gan import PAPER, SMALL, GanSettings, NetworkSettings, Norm, generator, options
from edgan.methods.common.identity import identity
from edgan.methods.common.posterior import posterior_taps
from edgan.methods.generation.vae import LatentSettings
from edgan.methods.page import Page, Preset
from edgan.nets.dcgan import Encoder, PairDiscriminator
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row
from edgan.settings import Strict


class PairSettings(Strict):
    """The discriminator of pairs."""

    norm: Norm = Field("none", description="normalisation in D's trunk")
    joint: int = Field(1024, ge=1, description="width of the layers on z and on the pair")
    dropout: float = Field(0.2, ge=0, lt=1, description="before the layers on the pair")


class Settings(Strict):
    """Settings of ALI."""

    network: NetworkSettings = NetworkSettings()
    discriminator: PairSettings = PairSettings()
    latent: LatentSettings = LatentSettings()


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    size, norm, pair = settings.latent.size, settings.network.norm, settings.discriminator
    like = GanSettings.model_validate({"network": settings.network, "latent": {"size": size}})
    taps = (
        *posterior_taps(size),
        Tap("z_drawn", noise=("normal", (size,))),
        Tap("generated", ("z_drawn",), network="generator"),
        Tap("d_real", ("image", "z"), network="discriminator"),
        Tap("d_fake", ("generated", "z_drawn"), network="discriminator"),
        Tap("base", ("z",), network="generator"),
        Tap("output", ("base",), function=identity),
    )
    swapped = Term("adversarial", discrimination, ("d_fake", "d_real"), "BCE, labels swapped", "ALI Eq. 5")
    rows = (
        row(swapped, encoder=1.0, generator=1.0),
        row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "ALI Eq. 4"), discriminator=1.0),
    )
    phases = (Phase("discriminate", ("discriminator",)), Phase("generate and infer", ("encoder", "generator")))
    parts = options(like, shape)
    return Method(
        plan=Plan(
            Table(("encoder", "generator", "discriminator"), rows), taps, (Stage("game", phases, simultaneous=True),)
        ),
        networks={
            "encoder": lambda: Encoder(**parts, outputs=2 * size, norm=norm),
            "generator": generator(like, shape),
            "discriminator": lambda: PairDiscriminator(**parts, latent=size, **dict(pair)),
        },
        latent=Latent(size, code="mean", prior="normal"),
    )


PAGE = Page(
    name="ali",
    summary="generator and encoder against one D that judges pairs of image and latent",
    paper="Dumoulin et al.: Adversarially Learned Inference (ICLR 2017); Donahue et al.: Adversarial Feature Learning",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": {**PAPER, "optimiser.lr": 1e-4},
            "small": {**SMALL, "discriminator.joint": 512},
        }.items()
    },
    build=build,
)
