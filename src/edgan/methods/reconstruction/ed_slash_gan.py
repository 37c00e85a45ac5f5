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
    features = ed_gan.feature_loss(settings.discriminator, shape) if settings.feature_weight else None
    taps = (
        *latent.taps,
        *pair.base,
        Tap("residual", ("z",), network="generator"),
        Tap("output", ("base", "residual"), function=add),
        *judged_taps(settings.discriminator, shape, fake_maps=ed_gan.OUTPUT_MAPS if features else None),
        *(features.taps if features else ()),
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
            *((row(features.term, generator=settings.feature_weight),) if features else ()),
            row(discrimination, discriminator=1.0),
            *penalty_rows,
            *latent.rows,
        ),
    )
    return Method(Plan(table, taps, stages(settings, pair)), networks(settings, pair, shape), latent.latent)


def stages(settings: Settings, pair: EncoderDecoder) -> tuple[Stage, ...]:
    """The encoder-decoder beside the GAN, or before it ("ED could be trained first", Section 2.3).

    Args:
        settings: `ed_first` and what goes with it.
        pair: the encoder-decoder.
    """
    first, priors = settings.ed_first, tuple(pair.latent.networks)
    together = (
        Phase("discriminate", ("discriminator", *priors)),
        Phase("reconstruct and generate", (*pair.taught, "generator")),
    )
    if not first:
        return (Stage("together", together, simultaneous=False),)
    prior = (Phase("prior", priors),) if priors else ()
    alone = (*prior, Phase("reconstruct", pair.taught))
    begins = settings.generator_as_decoder and settings.encoder_decoder is None
    begins_as = (("generator", "decoder"),) if begins else ()
    if settings.ed_frozen:
        game = (Phase("discriminate", ("discriminator",)), Phase("generate", ("generator",)))
        last = Stage("GAN", game, simultaneous=False, begins_as=begins_as)
    else:
        last = Stage("together", together, simultaneous=False, begins_as=begins_as)
    return Stage("encoder-decoder", alone, simultaneous=False, steps=first), last


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
    at_steps=Settings.at,
)
