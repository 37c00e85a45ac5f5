"""ED//GAN: the encoder-decoder learns the image, the GAN learns what the encoder-decoder missed.

Decoupled Learning for Conditional Adversarial Networks (Zhang, Song, Qi; WACV 2018; arXiv 1801.06790). The output is
base + residual (Fig. 3). The reconstruction loss teaches encoder and decoder alone; the adversarial loss teaches the
generator alone; no weight balances the two (Eq. 3, 9).
"""

from __future__ import annotations

from edgan.losses import discrimination, l1, non_saturating
from edgan.methods.base import Method, Page, Shape
from edgan.methods.decoupled import add
from edgan.methods.reconstruction.parts import (
    PAPER,
    SMALL,
    EncoderDecoderSettings,
    builders,
    latent_part,
    penalty_part,
)
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


def build(settings: EncoderDecoderSettings, shape: Shape) -> Method:
    """The method for one shape of data."""
    latent = latent_part(settings.latent)
    penalty_taps, penalty_rows = penalty_part(settings.penalty)
    taps = (
        *latent.taps,
        Tap("base", ("z",), network="decoder"),
        Tap("residual", ("z",), network="generator"),
        Tap("output", ("base", "residual"), function=add),
        Tap("d_real", ("image",), network="discriminator"),
        Tap("d_fake", ("output",), network="discriminator"),
        *penalty_taps,
    )
    table = Table(
        ("encoder", "decoder", "generator", "discriminator", *latent.networks),
        (
            row(Term("reconstruction", l1, ("base", "image"), "L1(base, image)", "Eq. 4-6"), encoder=1.0, decoder=1.0),
            row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Eq. 8"), generator=1.0),
            row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Eq. 7"), discriminator=1.0),
            *penalty_rows,
            *latent.rows,
        ),
    )
    stage = Stage(
        "together",
        (
            Phase("discriminate", ("discriminator", *latent.networks)),
            Phase("reconstruct and generate", ("encoder", "decoder", "generator")),
        ),
        simultaneous=False,
    )
    return Method(
        name="ed-slash-gan",
        plan=Plan(table, taps, (stage,)),
        networks=builders(settings, shape),
        latent=latent.latent,
        capabilities=("reconstruct", "encode", *(("sample",) if latent.latent.prior else ())),
    )


PAGE = Page(
    name="ed-slash-gan",
    summary="encoder-decoder and GAN side by side: output = base + residual, no weight to balance",
    paper="Zhang, Song, Qi: Decoupled Learning for Conditional Adversarial Networks (WACV 2018)",
    settings=EncoderDecoderSettings,
    capabilities=("reconstruct", "encode", "sample"),
    presets={"paper": PAPER, "small": SMALL},
    build=build,
)
