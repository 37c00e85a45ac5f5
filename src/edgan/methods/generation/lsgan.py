"""LSGAN: D regresses 0 for fakes and 1 for real images, and G pulls D's score of fakes to 1.

Least Squares Generative Adversarial Networks (Mao et al.; ICCV 2017), with the targets of its Eq. 9 (fake 0, real 1,
G 1), on DCGAN's networks, as in Paper 3.
"""

from __future__ import annotations

from edgan.losses import least_squares, least_squares_discrimination
from edgan.methods.base import Method, Shape
from edgan.methods.common import gan
from edgan.methods.page import Page, Preset
from edgan.routing import Plan, Table, Term, row


class Settings(gan.SelectableGanSettings):
    """Those of every GAN."""


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    latent, z = gan.sampled_latent(settings.latent)
    both = ("d_real", "d_fake")
    rows = (
        row(Term("adversarial", least_squares, ("d_fake",), "(D(fake) - 1)^2 / 2", "Eq. 9"), generator=1.0),
        row(Term("discrimination", least_squares_discrimination, both, "least squares", "Eq. 9"), discriminator=1.0),
    )
    networks = gan.generator_and_discriminator(settings, shape)
    plan = Plan(Table(tuple(networks), rows), (*z, *gan.game_taps(settings, shape)), (gan.alternate(),))
    return Method(plan, networks, latent, logits=False)


PAGE = Page(
    name="lsgan",
    summary="the game with least squares in place of cross-entropy",
    paper="Mao et al.: Least Squares Generative Adversarial Networks (ICCV 2017)",
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
