"""DCGAN: the original game with convolutions.

Unsupervised Representation Learning with Deep Convolutional Generative Adversarial Networks (Radford, Metz, Chintala;
ICLR 2016); the first of the five GANs that Paper 3 inverts (Table 1).
"""

from __future__ import annotations

from edgan.losses import discrimination, non_saturating
from edgan.methods.base import Method, Shape
from edgan.methods.common import gan
from edgan.methods.page import Page, Preset
from edgan.routing import Plan, Table, Term, row


class Settings(gan.SelectableGanSettings):
    """Those of every GAN."""


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    latent, z = gan.sampled_latent(settings.latent)
    rows = (
        row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Goodfellow 2014"), generator=1.0),
        row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Goodfellow 2014"), discriminator=1.0),
    )
    networks = gan.generator_and_discriminator(settings, shape)
    plan = Plan(Table(tuple(networks), rows), (*z, *gan.game_taps(settings, shape)), (gan.alternate(),))
    return Method(plan, networks, latent)


PAGE = Page(
    name="dcgan",
    summary="G and D play the original game, with convolutions and batch norm",
    paper="Radford, Metz, Chintala: Unsupervised Representation Learning with Deep Convolutional GANs (ICLR 2016)",
    settings=Settings,
    capabilities=("sample",),
    presets={
        "paper": Preset(gan.PAPER_TRAINING, Settings()),
        "quick": Preset(
            gan.QUICK_TRAINING,
            Settings(network=gan.QUICK_NETWORK, discriminator=gan.QUICK_DISCRIMINATOR, latent=gan.SMALL_LATENT),
        ),
        "small": Preset(gan.SMALL_TRAINING, Settings(network=gan.SMALL_NETWORK, latent=gan.SMALL_LATENT)),
    },
    build=build,
)
