"""ED+GAN: the coupled baseline. One decoder is taught by both losses, balanced by a weight lambda.

Decoupled Learning for Conditional Adversarial Networks (Zhang, Song, Qi; WACV 2018; arXiv 1801.06790), Fig. 2 left and
Eq. 1: min L_const + lambda L_adv. No code of this baseline was released; the form is that of CAAE's loss.
"""

from __future__ import annotations

from edgan.losses import discrimination as bce
from edgan.losses import non_saturating
from edgan.methods.base import Method, Shape
from edgan.methods.common import ed_gan
from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import game_terms, judged_taps
from edgan.methods.common.latent_prior import latent_prior
from edgan.methods.common.r1 import lazy_r1
from edgan.methods.page import Page
from edgan.methods.reconstruction.ed_plus_gan_settings import PRESETS, TWIN_PRESETS, Settings, TwinSettings
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    latent = latent_prior(settings.latent)
    penalty_taps, penalty_rows = lazy_r1(settings.penalty)
    weight = settings.adversarial_weight
    reconstruction_taps, reconstruction_rows = ed_gan.reconstruction(settings, "Eq. 1")
    taps = (
        *latent.taps,
        Tap("base", ("z",), network="decoder"),
        Tap("output", ("base",), function=identity),
        *judged_taps(settings.discriminator, shape),
        Tap("features", ("image",), network="discriminator", method="features"),
        *penalty_taps,
        *reconstruction_taps,
    )
    adversarial, discrimination = game_terms(
        settings.discriminator,
        Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Eq. 1"),
        Term("discrimination", bce, ("d_real", "d_fake"), "BCE", "Eq. 1"),
    )
    table = Table(
        ("encoder", "decoder", "discriminator", *latent.networks),
        (
            *reconstruction_rows,
            row(adversarial, encoder=weight, decoder=weight),
            row(discrimination, discriminator=1.0),
            *penalty_rows,
            *latent.rows,
        ),
    )
    phases = (
        Phase("discriminate", ("discriminator", *latent.networks)),
        Phase("reconstruct and generate", ("encoder", "decoder")),
    )
    networks = {
        "encoder": ed_gan.encoder(settings.network, settings.latent, shape),
        "decoder": ed_gan.decoder(settings.network, settings.latent.size, shape),
        "discriminator": ed_gan.discriminator(settings.discriminator, shape),
        **latent.networks,
    }
    return Method(
        Plan(table, taps, (Stage("together", phases, simultaneous=False),)),
        networks,
        latent.latent,
        drawer=ed_gan.drawer(settings.network, settings.latent.size, shape),
    )


PAGE = Page(
    name="ed-plus-gan",
    summary="the coupled baseline: one decoder, two losses, a weight lambda between them",
    paper="Zhang, Song, Qi: Decoupled Learning for Conditional Adversarial Networks (WACV 2018), Eq. 1",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets=PRESETS,
    twin_settings=TwinSettings,
    twin_presets=TWIN_PRESETS,
    build=build,
)
