"""ED//GAN: the encoder-decoder learns the image, the GAN learns what the encoder-decoder missed.

Decoupled Learning for Conditional Adversarial Networks (Zhang, Song, Qi; WACV 2018; arXiv 1801.06790). The output is
base + residual (Fig. 3). The reconstruction loss teaches encoder and decoder alone; the adversarial loss teaches the
generator alone; no weight balances the two (Eq. 3, 9).
"""

from __future__ import annotations

from collections.abc import Callable

from torch import nn

from edgan.losses import discrimination as bce
from edgan.losses import non_saturating
from edgan.methods.base import Method, Shape
from edgan.methods.common import ed_gan
from edgan.methods.common.encoder_decoder import EncoderDecoder, encoder_decoder
from edgan.methods.common.image_discriminator import game_terms, judged_taps
from edgan.methods.common.r1 import lazy_r1
from edgan.methods.decoupled import add
from edgan.methods.page import Page
from edgan.methods.reconstruction.ed_slash_gan_settings import PRESETS, Settings
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    pair = encoder_decoder(settings, settings.encoder_decoder, shape)
    latent = pair.latent
    penalty_taps, penalty_rows = lazy_r1(settings.penalty)
    reconstruction_taps, reconstruction_rows = ed_gan.reconstruction(settings, "Eq. 4-6", pair.taught)
    taps = (
        *latent.taps,
        *pair.base,
        Tap("residual", ("z",), network="generator"),
        Tap("output", ("base", "residual"), function=add),
        *judged_taps(settings.discriminator, shape),
        Tap("features", ("image",), network="discriminator", method="features"),
        *penalty_taps,
        *reconstruction_taps,
    )
    adversarial, discrimination = game_terms(
        settings.discriminator,
        Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Eq. 8"),
        Term("discrimination", bce, ("d_real", "d_fake"), "BCE", "Eq. 7"),
    )
    table = Table(
        (*pair.networks, "generator", "discriminator", *latent.networks),
        (
            *reconstruction_rows,
            row(adversarial, generator=1.0),
            row(discrimination, discriminator=1.0),
            *penalty_rows,
            *latent.rows,
        ),
    )
    discriminate, generate = Phase("discriminate", ("discriminator",)), Phase("generate", ("generator",))
    together = (
        Phase("discriminate", ("discriminator", *latent.networks)),
        Phase("reconstruct and generate", (*pair.taught, "generator")),
    )
    stages: tuple[Stage, ...] = (Stage("together", together, simultaneous=False),)
    if settings.ed_first:
        # "ED could be trained first because it is completely independent from GAN" (Section 2.3).
        alone: tuple[Phase, ...] = (Phase("reconstruct", pair.taught),)
        if latent.networks:
            alone = (Phase("prior", tuple(latent.networks)), *alone)
        stages = (
            Stage("encoder-decoder", alone, simultaneous=False, steps=settings.ed_first),
            Stage("GAN", (discriminate, generate), simultaneous=False),
        )
    return Method(Plan(table, taps, stages), networks(settings, pair, shape), latent.latent)


def networks(settings: Settings, pair: EncoderDecoder, shape: Shape) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the networks of Table 1, by column. The generator has the decoder's architecture (Section 4.2)."""
    return {
        **pair.networks,
        "generator": ed_gan.decoder(settings.network, pair.latent.latent.size, shape, settings.generator),
        "discriminator": ed_gan.discriminator(settings.discriminator, shape),
        **pair.latent.networks,
    }


PAGE = Page(
    name="ed-slash-gan",
    summary="encoder-decoder and GAN side by side: output = base + residual, no weight to balance",
    paper="Zhang, Song, Qi: Decoupled Learning for Conditional Adversarial Networks (WACV 2018)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets=PRESETS,
    build=build,
    encoder_decoder="encoder_decoder",
    architecture=("network", "generator", "discriminator", "latent", "encoder_decoder"),
)
