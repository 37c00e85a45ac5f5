"""ED//GAN: the encoder-decoder learns the image, the GAN learns what the encoder-decoder missed.

Decoupled Learning for Conditional Adversarial Networks (Zhang, Song, Qi; WACV 2018; arXiv 1801.06790). The output is
base + residual (Fig. 3). The reconstruction loss teaches encoder and decoder alone; the adversarial loss teaches the
generator alone; no weight balances the two (Eq. 3, 9).

The preset `paper` is the paper's Table 1 with the settings of the released code. Transposed convolutions make the
output overshoot and print a checkerboard: in single probes on UTKFace at 64 px small networks stood at 8 and 23 times
the real images' high-frequency energy after 400 and 300 steps. The preset `small` keeps the table and changes the
means:

- bilinear resize-convolutions in place of transposed ones, whose uneven overlap is the checkerboard;
- the released code's two layers at full size, without which a resize-convolution draws nothing sharp;
- no norm in Enc and Dec, which the paper finds unnecessary here (Section 2.3.1), and Adam at 1e-3: the base is
  1 dB better after 350 steps;
- no norm in D, and a light R1 penalty every 16 steps, so that D does not outrun G;
- a residual that starts from nothing, so that the first output is the base.

Inference uses the weights as they are: averaged ones (`ema`) draw a smoother residual, as an L1 loss would.
"""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field

from edgan.losses import discrimination, l1, non_saturating
from edgan.methods.base import Method, Shape
from edgan.methods.common.ed_gan import (
    PAPER,
    SMALL,
    EncoderDecoderSettings,
    GeneratorSettings,
    builders,
    generator_builder,
)
from edgan.methods.common.latent_prior import latent_prior
from edgan.methods.common.r1 import lazy_r1
from edgan.methods.decoupled import add
from edgan.methods.page import Page, Preset
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


class Settings(EncoderDecoderSettings):
    """ED+GAN's settings less the weight, and what only a residual can have."""

    generator: GeneratorSettings = GeneratorSettings()
    ed_first: int = Field(0, ge=0, description="steps of the encoder-decoder alone, which the GAN then leaves frozen")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    latent = latent_prior(settings.latent)
    penalty_taps, penalty_rows = lazy_r1(settings.penalty)
    taps = (
        *latent.taps,
        Tap("base", ("z",), network="decoder"),
        Tap("residual", ("z",), network="generator"),
        Tap("output", ("base", "residual"), function=add),
        Tap("d_real", ("image",), network="discriminator"),
        Tap("d_fake", ("output",), network="discriminator"),
        Tap("features", ("image",), network="discriminator", method="features"),
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
    discriminate = Phase("discriminate", ("discriminator",))
    together = Stage(
        "together",
        (
            replace(discriminate, networks=("discriminator", *latent.networks)),
            Phase("reconstruct and generate", ("encoder", "decoder", "generator")),
        ),
        simultaneous=False,
    )
    # "ED could be trained first because it is completely independent from GAN" (Section 2.3).
    alone = (
        *((Phase("prior", latent.networks),) if latent.networks else ()),
        Phase("reconstruct", ("encoder", "decoder")),
    )
    in_turn = (
        Stage("encoder-decoder", alone, simultaneous=False, steps=settings.ed_first),
        Stage("GAN", (discriminate, Phase("generate", ("generator",))), simultaneous=False),
    )
    return Method(
        plan=Plan(table, taps, in_turn if settings.ed_first else (together,)),
        networks={
            **builders(settings, shape),
            "generator": generator_builder(settings, settings.generator, shape),
        },
        latent=latent.latent,
    )


PAGE = Page(
    name="ed-slash-gan",
    summary="encoder-decoder and GAN side by side: output = base + residual, no weight to balance",
    paper="Zhang, Song, Qi: Decoupled Learning for Conditional Adversarial Networks (WACV 2018)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": PAPER,
            "small": {**SMALL, "generator.init": "he", "generator.output_gain": 0.0},
        }.items()
    },
    build=build,
)
