"""ALI (BiGAN): D judges pairs, an image with the latent its encoder gives or a latent with the image it draws.

Adversarially Learned Inference (Dumoulin et al.; ICLR 2017) and Adversarial Feature Learning (Donahue et al.; ICLR
2017), on DCGAN's networks. No loss compares an image with its reconstruction: where D cannot distinguish the pairs, the
encoder is the generator's inverse. As in ALI's code, G and E minimise D's loss with swapped labels on both pairs, all
networks step at once, and the encoder is Gaussian.
"""

from __future__ import annotations

from pydantic import Field

from edgan.losses import discrimination
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common import gan
from edgan.methods.common.identity import identity
from edgan.methods.common.posterior import posterior_taps
from edgan.methods.generation.vae import LatentSettings
from edgan.methods.page import Page, Preset
from edgan.nets.dcgan import Encoder, PairDiscriminator
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row
from edgan.settings import OptimiserSettings, Strict, TrainingSettings


class PairSettings(Strict):
    """The discriminator of pairs."""

    norm: gan.Norm = Field("none", description="normalisation in D's trunk")
    joint: int = Field(1024, ge=1, description="width of the layers on z and on the pair")
    dropout: float = Field(0.2, ge=0, lt=1, description="before the layers on the pair")


class Settings(Strict):
    """Settings of ALI."""

    network: gan.NetworkSettings = gan.NetworkSettings()
    discriminator: PairSettings = PairSettings()
    latent: LatentSettings = LatentSettings()


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    net, size = settings.network, settings.latent.size
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
    options = gan.network_options(net, shape)
    networks = {
        "encoder": lambda: Encoder(**options, outputs=2 * size, norm=net.norm),
        "generator": gan.generator(net, size, shape),
        "discriminator": lambda: PairDiscriminator(**options, latent=size, **settings.discriminator.model_dump()),
    }
    plan = Plan(Table(tuple(networks), rows), taps, (Stage("game", phases, simultaneous=True),))
    return Method(plan, networks, Latent(size, code="mean", prior="normal"))


PAGE = Page(
    name="ali",
    summary="generator and encoder against one D that judges pairs of image and latent",
    paper="Dumoulin et al.: Adversarially Learned Inference (ICLR 2017); Donahue et al.: Adversarial Feature Learning",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets={
        "paper": Preset(
            TrainingSettings(crop=gan.PAPER_CROP, batch=128, optimiser=OptimiserSettings(lr=1e-4, beta1=0.5)),
            Settings(),
        ),
        "small": Preset(
            gan.SMALL_TRAINING,
            Settings(network=gan.SMALL_NETWORK, discriminator=PairSettings(joint=512), latent=LatentSettings(size=64)),
        ),
    },
    build=build,
)
