"""GRIT: what a pair can teach pixel by pixel goes into a reconstruction, the rest is left to a GAN's residual.

Paper 4 (GRIT, WACV 2024). The output is base + residual, as in ED//GAN, but one network draws both from a source, with
a style and noise. L1 holds the base to the photo; the adversarial loss alone teaches what is added. The base does not
depend on the noise: the trunk is drawn once without noise, for the base, and once with it, for the residual. If L1 saw
the noise, it would teach the trunk to suppress it.

The text in our hands states this much. What it leaves open is a setting here, each a route or a cut:

- `base_gradient`: how much of the adversarial gradient passes through the sum into the base: the scale of a cut. 0, the
  default, is "decoupled" taken at its word; at 1 the base head also learns to fool D.
- `trunks=apart`: the residual has a trunk of its own, and the content encoder learns from L1 alone. No network then
  feels both losses, and no weight between them can matter. With one trunk (the default, since "our network generates
  the output as the composition of ...") the trunk and the content encoder feel both.
- `perceptual_weight`: a feature loss on the base beside L1.
- `penalty.weight`: R1.
- `fine`: the residual keeps only what is finer than a Gaussian's blur, and D sees only that of real and fake
  pictures. Fig. 1 calls the reconstruction the low frequencies and the residual the high ones; the text in our hands
  has no filter, so this is our reading of it.

`objective` chooses the comparators of Fig. 3, whose output is the base: `l1`; `perceptual`; `perceptual-gan`. Their
perceptual loss compares features of the discriminator, which learns to tell the pictures apart meanwhile, where the
paper's compares those of VGG. It is named "D features" wherever it prints.

The style is encoded from the photo in training and held to N(0, 1) by a KL term. A translation takes the style of a
given photo, or the prior's mean. The preset `small` norms its maps pixel by pixel and not over the picture, and is
quicker in tiles.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any, Literal

from pydantic import Field
from torch import Tensor, nn

from edgan.losses import discrimination, kl_to_standard_normal, l1, non_saturating
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.common.posterior import posterior_log_variance, posterior_mean, reparameterise
from edgan.methods.common.r1 import R1Settings
from edgan.methods.decoupled import add
from edgan.methods.page import Page, Preset
from edgan.methods.translation.parts import PatchSettings, paired_penalty
from edgan.nets.bands import fine
from edgan.nets.grit import HALVINGS, ContentEncoder, Head, StyleEncoder, Trunk, noise_shapes
from edgan.nets.pair_discriminators import PatchDiscriminator
from edgan.routing import Cut, Phase, Plan, Row, Stage, Table, Tap, Term, row
from edgan.settings import Strict

Sieve = Callable[[Tensor], Tensor]


class NetworkSettings(Strict):
    """Content encoder, style encoder, trunk and heads."""

    width: int = Field(32, description="channels at full size; they double at each of three halvings")
    max_width: int = Field(256, description="no layer is wider")
    residual_blocks: int = Field(4, ge=0, description="of the content encoder, at its coarsest scale")
    norm: Literal["instance", "pixel"] = Field("instance", description="instance: AdaIN; pixel: quicker in tiles")
    init: Literal["dcgan", "he", "torch"] = "he"


class StyleSettings(Strict):
    """The style latent."""

    size: int = Field(8, ge=1)
    weight: float = Field(0.1, gt=0, description="of the KL term that holds it to N(0, 1)")


class Settings(Strict):
    """Settings of GRIT and of its comparators."""

    network: NetworkSettings = NetworkSettings()
    style: StyleSettings = StyleSettings()
    discriminator: PatchSettings = PatchSettings()
    penalty: R1Settings = R1Settings()
    objective: Literal["grit", "l1", "perceptual", "perceptual-gan"] = Field(
        "grit", description="or one of its comparators (Fig. 3)"
    )
    reconstruction_weight: float = Field(10.0, gt=0, description="of L1 on the base")
    perceptual_weight: float = Field(
        0.0, ge=0, description="of L1 on D's features of the base, beside L1 on its pixels"
    )
    base_gradient: float = Field(0.0, ge=0, le=1, description="share of the adversarial gradient that enters the base")
    fine: float | None = Field(
        None,
        gt=0,
        le=0.25,
        description="residual and D keep what a Gaussian blurs away whose deviation is this share of the training size",
    )
    trunks: Literal["shared", "apart"] = Field("shared", description="whether base and residual have a trunk each")


FEATURES_ALONE = 10.0
"""Weight of the perceptual loss where it stands in for L1."""
DRAWS_BASE = ("content_encoder", "style_encoder", "trunk", "base_head")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    whole, apart = settings.objective == "grit", settings.trunks == "apart"
    adversarial = _adversarial(settings)
    feature_weight = FEATURES_ALONE if settings.objective.startswith("perceptual") else settings.perceptual_weight
    judged = bool(adversarial) or feature_weight > 0
    sieve = partial(fine, deviation=settings.fine * shape.size) if whole and settings.fine else None
    seen = partial(_seen, sieve=sieve)
    penalty_taps, penalty_rows = paired_penalty(settings.penalty, ("source",), seen("image")) if judged else ((), ())
    taps = [*_base_taps(settings), *(_residual_taps(settings, shape, sieve) if whole else ())]
    taps.append(
        Tap("output", ("base", "residual"), function=add) if whole else Tap("output", ("base",), function=identity)
    )
    if judged and sieve:
        read = ("image", "output", *(("base",) if feature_weight else ()))
        taps += [Tap(seen(name), (name,), function=sieve) for name in read]
    rows: list[Row] = []
    if settings.objective in ("grit", "l1"):
        pixels = Term("reconstruction", l1, ("base", "image"), "L1(base, image)", "Section 1")
        rows.append(row(pixels, **dict.fromkeys(DRAWS_BASE, settings.reconstruction_weight)))
    if feature_weight:
        taps += [
            Tap("base_features", (seen("base"), "source"), network="discriminator", method="features"),
            Tap("image_features", (seen("image"), "source"), network="discriminator", method="features"),
        ]
        features = Term("perceptual", l1, ("base_features", "image_features"), "L1(D features)", "Fig. 3")
        rows.append(row(features, **dict.fromkeys(DRAWS_BASE, feature_weight)))
    if adversarial:
        rows.append(row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Section 1"), **adversarial))
    if judged:
        taps += [
            Tap("d_real", (seen("image"), "source"), network="discriminator"),
            Tap("d_fake", (seen("output"), "source"), network="discriminator"),
            *penalty_taps,
        ]
        game = Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Section 1")
        rows += [row(game, discriminator=1.0), *penalty_rows]
    prior = Term("style", kl_to_standard_normal, ("mean", "log_variance"), "KL(q(style|image), N(0,I))", "Kingma 2014")
    rows.append(row(prior, style_encoder=settings.style.weight))
    drawing = (*DRAWS_BASE, *(("residual_trunk",) if whole and apart else ()), *(("residual_head",) if whole else ()))
    phases = (*((Phase("discriminate", ("discriminator",)),) if judged else ()), Phase("translate", drawing))
    table = Table((*drawing, *(("discriminator",) if judged else ())), tuple(rows))
    cuts = (Cut("base", "base", into="output", scale=settings.base_gradient),) if whole else ()
    networks = builders(settings, shape)
    return Method(
        plan=Plan(table, tuple(taps), (Stage("together", phases, simultaneous=False),), cuts),
        networks={name: networks[name] for name in table.networks},
        latent=Latent(settings.style.size, code="mean", z="style", prior="normal"),
        multiple=2**HALVINGS,
    )


def _adversarial(settings: Settings) -> dict[str, float]:
    """The adversarial term's cells. The style encoder learns from the photo, by reconstruction, alone."""
    if settings.objective == "perceptual-gan":
        return {"content_encoder": 1.0, "trunk": 1.0, "base_head": 1.0}
    if settings.objective != "grit":
        return {}
    into_base = dict.fromkeys(("content_encoder", "trunk", "base_head"), 1.0) if settings.base_gradient else {}
    if settings.trunks == "apart":
        return {**into_base, "residual_trunk": 1.0, "residual_head": 1.0}
    return {"content_encoder": 1.0, "trunk": 1.0, **into_base, "residual_head": 1.0}


def _base_taps(settings: Settings) -> tuple[Tap, ...]:
    return (
        Tap("content", ("source",), network="content_encoder"),
        Tap("posterior", ("image",), network="style_encoder"),
        Tap("mean", ("posterior",), function=posterior_mean),
        Tap("log_variance", ("posterior",), function=posterior_log_variance),
        Tap("epsilon", noise=("normal", (settings.style.size,))),
        Tap("style", ("mean", "log_variance", "epsilon"), function=reparameterise),
        Tap("smooth", ("content", "style"), network="trunk"),
        Tap("base", ("smooth",), network="base_head"),
    )


def _seen(picture: str, sieve: Sieve | None) -> str:
    """The tap of what D sees of a picture."""
    return f"fine_{picture}" if sieve else picture


def _residual_taps(settings: Settings, shape: Shape, sieve: Sieve | None) -> tuple[Tap, ...]:
    grain = tuple(Tap(f"noise_{side[1]}", noise=("normal", side)) for side in noise_shapes(shape.size))
    read = ("content", "style", *(tap.name for tap in grain))
    trunk = "residual_trunk" if settings.trunks == "apart" else "trunk"
    rough = (*grain, Tap("rough", read, network=trunk))
    if sieve is None:
        return (*rough, Tap("residual", ("rough",), network="residual_head"))
    return (*rough, Tap("drawn", ("rough",), network="residual_head"), Tap("residual", ("drawn",), function=sieve))


def builders(settings: Settings, shape: Shape) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the networks, by column."""
    noise_shapes(shape.size)
    net, style = settings.network, settings.style.size
    widths: dict[str, Any] = {"width": net.width, "max_width": net.max_width, "init": net.init}
    content: dict[str, Any] = {
        "residual_blocks": net.residual_blocks,
        "norm": net.norm,
        "inputs": shape.source_channels,
    }
    head: dict[str, Any] = {"width": net.width, "outputs": shape.channels, "init": net.init}
    judge: dict[str, Any] = {"size": shape.size, "inputs": shape.source_channels + shape.channels}

    def trunk() -> nn.Module:
        return Trunk(**widths, style=style, norm=net.norm)

    return {
        "content_encoder": lambda: ContentEncoder(**widths, **content),
        "style_encoder": lambda: StyleEncoder(**widths, inputs=shape.channels, style=style),
        "trunk": trunk,
        "residual_trunk": trunk,
        "base_head": lambda: Head(**head),
        "residual_head": lambda: Head(**head, output_gain=0.0),
        "discriminator": lambda: PatchDiscriminator(**judge, **dict(settings.discriminator)),
    }


COMMON: Mapping[str, Any] = {"augment.enlarge": 286 / 256, "augment.flip": True, "optimiser.beta2": 0.99}
SMALL: Mapping[str, Any] = {
    **COMMON,
    "batch": 4,
    "ema": 0.998,
    # What only the game teaches learns more slowly than what L1 holds.
    "optimiser.lr": 2e-4,
    **{f"optimisers.{name}.lr": 5e-4 for name in DRAWS_BASE},
    "optimiser.beta1": 0.5,
    "network.width": 16,
    "network.max_width": 128,
    "network.residual_blocks": 2,
    "network.norm": "pixel",
    "trunks": "apart",
    "fine": 0.025,
    "style.weight": 0.01,
    "discriminator.layers": 2,
    "discriminator.width": 32,
    "discriminator.max_width": 128,
    # An instance norm hides from D how strong its picture's contrasts are.
    "discriminator.norm": "none",
    "discriminator.init": "he",
    "penalty.weight": 0.02,
}
PAGE = Page(
    name="grit",
    summary="pairs: a reconstruction held by L1 plus a residual that only a GAN teaches, with noise to vary it",
    paper="GRIT: GAN Residuals for Paired Image-to-Image Translation (WACV 2024)",
    settings=Settings,
    capabilities=("translate", "encode"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": {
                **COMMON,
                "batch": 8,
                "optimiser.lr": 1e-3,
                "optimiser.beta1": 0.0,
                "optimisers.style_encoder.lr": 1e-4,
            },
            "small": SMALL,
            **{name: {**SMALL, "objective": name} for name in ("l1", "perceptual", "perceptual-gan")},
        }.items()
    },
    build=build,
    needs=("source",),
    least_batch=1,
    example={"source_channels": 3},
)
