"""The UU-Net family: generator and discriminator are both U-shaped, and D sees the generator's maps beside its own.

Paper 5 (Wu: UU-Nets Connecting Discriminator and Generator for Image to Image Translation). D's loss then teaches the
generator through those links. A variant is a set of links and of terms, written down in `uu_net_family.VARIANTS`:

- the fake picture is cut in D's phase, as in every GAN, so that D's loss reaches the generator through the links alone;
- the linked halves of the generator are columns of D's rows, and step in D's phase, by D's rows;
- real and fake are judged beside the same maps, those of one forward of the source: otherwise D could read off them
  which is which;
- `link_gradient` scales what flows back through the links: at 0 the maps are data to D and its phase steps D alone.

What the paper leaves open, and what stands here. Weights, sizes and optimiser: Pix2Pix's (its base). A linked half
has an optimiser state for each of its two phases. KL terms are means over the code's components, so that .4 and .65 do
not depend on its size; Eq. 3 has its sign turned. UUVAE-GAN has the links of v4. "UUCNet" is v1 with the triple
concatenation of Section 3.5. Dis_kl.4 and .65 are the weights of D's KL, and UUVAE-GAN without a number has none.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any, Literal

from pydantic import Field
from torch import nn

from edgan.errors import UsageError, near_miss
from edgan.losses import discrimination, l2, non_saturating
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.common.posterior import posterior_log_variance, posterior_mean, reparameterise
from edgan.methods.common.r1 import R1Settings
from edgan.methods.page import Page, Preset
from edgan.methods.translation.parts import PatchSettings, paired_penalty, verdict
from edgan.methods.translation.uu_net_family import VARIANTS, Variant, cross_kl, innermost, judge_kl, mean_kl, taken
from edgan.nets.pair_discriminators import PatchDiscriminator
from edgan.nets.uu_net import Links, UDiscriminator, UEncoder, UGenerator, ladder
from edgan.routing import Cut, Phase, Plan, Row, Stage, Table, Tap, Term, row
from edgan.settings import Strict


class NetworkSettings(Strict):
    """Both U-Nets."""

    width: int = Field(64, description="channels at the outermost scale; they double at each halving")
    max_width: int = Field(512, description="no layer is wider")
    levels: int | None = Field(None, description="halvings; unless given, down to 4 px")
    pool: bool = Field(
        True, description="convolution and max-pooling; otherwise convolution of stride 2, a quarter of it"
    )
    upsample: Literal["transposed", "nearest", "bilinear"] = "nearest"
    norm: Literal["instance", "group", "none"] = "instance"
    init: Literal["dcgan", "he", "torch"] = "he"


class CodeSettings(Strict):
    """The variational codes."""

    size: int = Field(16, ge=1, description="channels at each place of the innermost scale")
    weight: float = Field(0.1, gt=0, description="of the generator's KL term")
    alpha: float = Field(1.0, ge=0, description="share of real pictures in D's KL terms (Eq. 6)")
    beta: float = Field(1.0, ge=0, description="share of fake ones")


class Settings(Strict):
    """Settings of the family."""

    variant: str = Field("uuvae-gan-kl0.65", description=", ".join(VARIANTS))
    network: NetworkSettings = NetworkSettings()
    code: CodeSettings = CodeSettings()
    discriminator: PatchSettings = PatchSettings()
    penalty: R1Settings = R1Settings()
    reconstruction_weight: float = Field(100.0, gt=0, description="of the squared error (Eq. 4)")
    judge_kl: float | None = Field(None, ge=0, description="weight of D's KL, where it differs from the variant's")
    tail: bool | None = Field(None, description="D's tail module, where it differs from the variant's")
    link_gradient: float = Field(1.0, ge=0, le=1, description="share of D's gradient that the links let through")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    variant = _variant(settings)
    rungs = _ladder(settings, shape)
    side = shape.size >> len(rungs)
    taps = [*_generator_taps(settings, variant, side), *_judge_taps(settings, variant, side)]
    beside = ("source", *_beside(variant))
    penalty_taps, penalty_rows = paired_penalty(settings.penalty, beside)
    linked = _linked(variant) if settings.link_gradient else ()
    rows = [*_generator_rows(settings, variant), *_judge_rows(settings, variant, linked), *penalty_rows]
    theirs = tuple(r.term.name for r in rows if r.route("discriminator") is not None)
    ours = tuple(r.term.name for r in rows if r.term.name not in theirs)
    phases = (
        Phase("discriminate", ("discriminator", *linked), terms=theirs),
        Phase("translate", ("encoder", "decoder"), terms=ours),
    )
    cuts = [Cut("pixels", "output", into="judged_fake", phases=("discriminate",))]
    if variant.links:
        cuts.append(Cut("links", "links", scale=settings.link_gradient))
    size = settings.code.size * side**2
    return Method(
        plan=Plan(
            Table(("encoder", "decoder", "discriminator"), tuple(rows)),
            (*taps, *penalty_taps),
            (Stage("together", phases, simultaneous=False),),
            tuple(cuts),
        ),
        networks=builders(settings, shape),
        latent=Latent(size, code="mean", z="code") if variant.variational else None,
        multiple=2 ** len(rungs),
    )


def _variant(settings: Settings) -> Variant:
    if settings.variant not in VARIANTS:
        raise UsageError(f"UU-Net has no variant {settings.variant!r}. {near_miss(settings.variant, VARIANTS)}")
    variant = VARIANTS[settings.variant]
    if settings.judge_kl is not None and variant.judge_kl is None:
        raise UsageError(f"The discriminator of {settings.variant} has no variational code, so judge_kl means nothing.")
    judge_kl = variant.judge_kl if settings.judge_kl is None else settings.judge_kl
    return replace(variant, judge_kl=judge_kl, tail=variant.tail if settings.tail is None else settings.tail)


def _beside(variant: Variant, noise: str = "judge_noise") -> tuple[str, ...]:
    """What D reads after picture and source."""
    links = ("links",) if variant.u_shaped else ()
    return links if variant.judge_kl is None else (*links, noise)


def _linked(variant: Variant) -> tuple[str, ...]:
    """The halves of the generator that D's loss reaches through the links; a decoder's maps stand on its encoder's."""
    return (*(("encoder",) if variant.links else ()), *(("decoder",) if "decoder" in variant.links else ()))


def _ladder(settings: Settings, shape: Shape) -> tuple[int, ...]:
    net = settings.network
    levels = shape.size.bit_length() - 3 if net.levels is None else net.levels
    return ladder(shape.size, net.width, net.max_width, levels)


def _generator_taps(settings: Settings, variant: Variant, side: int) -> tuple[Tap, ...]:
    place = (settings.code.size, side, side)
    inner = (
        (
            Tap("posterior", ("encoded",), function=innermost),
            Tap("mean", ("posterior",), function=posterior_mean),
            Tap("log_variance", ("posterior",), function=posterior_log_variance),
            Tap("epsilon", noise=("normal", place)),
            Tap("code", ("mean", "log_variance", "epsilon"), function=reparameterise),
        )
        if variant.variational
        else (Tap("code", ("encoded",), function=innermost),)
    )
    return (
        Tap("encoded", ("source",), network="encoder"),
        *inner,
        Tap("decoded", ("encoded", "code"), network="decoder"),
        Tap("base", ("decoded",), function=innermost),
        Tap("output", ("base",), function=identity),
    )


def _judge_taps(settings: Settings, variant: Variant, side: int) -> tuple[Tap, ...]:
    place = (settings.code.size, side, side)
    links = Tap(
        "links", ("encoded", "code", "decoded") if variant.links else (), function=partial(taken, variant.links)
    )
    noise = tuple(Tap(name, noise=("normal", place)) for name in ("judge_noise", "judge_noise_fake"))
    return (
        *((links,) if variant.u_shaped else ()),
        *(noise if variant.judge_kl is not None else ()),
        Tap("judged_real", ("image", "source", *_beside(variant)), network="discriminator"),
        Tap("judged_fake", ("output", "source", *_beside(variant, "judge_noise_fake")), network="discriminator"),
        Tap("d_real", ("judged_real",), function=verdict),
        Tap("d_fake", ("judged_fake",), function=verdict),
    )


def _generator_rows(settings: Settings, variant: Variant) -> list[Row]:
    error = Term("reconstruction", l2, ("base", "image"), "L2(base, image)", "Eq. 4")
    rows = [
        row(error, encoder=settings.reconstruction_weight, decoder=settings.reconstruction_weight),
        row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Eq. 2"), encoder=1.0, decoder=1.0),
    ]
    if variant.variational:
        kl = Term("kl", mean_kl, ("mean", "log_variance"), "KL(q_G(z|source), N(0,I))", "Eq. 3")
        rows.append(row(kl, encoder=settings.code.weight))
    return rows


def _judge_rows(settings: Settings, variant: Variant, linked: tuple[str, ...]) -> list[Row]:
    """D's rows, each also a row of the halves that it reaches through the links."""
    game = Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Eq. 1")
    rows = [row(game, **dict.fromkeys((*linked, "discriminator"), 1.0))]
    # D's code lies behind its encoder, and only encoder links lead there.
    inner = tuple(half for half in linked if half == "encoder" and "encoder" in variant.links)
    shares = settings.code.alpha, settings.code.beta
    if variant.judge_kl:
        kl = Term("judge_kl", partial(judge_kl, *shares), ("judged_real", "judged_fake"), "KL(q_D, N(0,I))", "Eq. 6")
        rows.append(row(kl, **dict.fromkeys((*inner, "discriminator"), variant.judge_kl)))
    if variant.cross_kl:
        read = ("judged_real", "judged_fake", "mean", "log_variance")
        kl = Term("cross_kl", partial(cross_kl, *shares), read, "KL(q_D, q_G)", "Eq. 5")
        rows.append(row(kl, **dict.fromkeys((*inner, "discriminator"), variant.cross_kl)))
    return rows


def builders(settings: Settings, shape: Shape) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the generator's two halves and the discriminator, by column."""
    variant, rungs, net = _variant(settings), _ladder(settings, shape), settings.network
    latent = settings.code.size
    code = latent if variant.variational else rungs[-1]
    both = shape.source_channels + shape.channels
    ups: dict[str, Any] = {"upsample": net.upsample, "norm": net.norm, "init": net.init}

    def judge() -> nn.Module:
        if not variant.u_shaped:
            return PatchDiscriminator(size=shape.size, inputs=both, **dict(settings.discriminator))
        inner = rungs[-2::-1]
        links = Links(
            encoder=rungs[:-1] if "encoder" in variant.links else (),
            code=code if "code" in variant.links else 0,
            decoder=inner if "decoder" in variant.links else (),
            triple=inner if "triple" in variant.links else (),
        )
        own = None if variant.judge_kl is None else latent
        return UDiscriminator(
            inputs=both, channels=rungs, links=links, latent=own, tail=variant.tail, pool=net.pool, **ups
        )

    return {
        "encoder": lambda: UEncoder(
            inputs=shape.source_channels,
            channels=rungs,
            outputs=2 * latent if variant.variational else None,
            pool=net.pool,
            norm=net.norm,
            init=net.init,
        ),
        "decoder": lambda: UGenerator(code=code, channels=rungs, outputs=shape.channels, skips=variant.skips, **ups),
        "discriminator": judge,
    }


COMMON: Mapping[str, Any] = {
    "optimiser.lr": 2e-4,
    "optimiser.beta1": 0.5,
    "augment.enlarge": 286 / 256,
    "augment.flip": True,
}
PAGE = Page(
    name="uu-net",
    summary="pairs: two U-Nets, D seeing G's maps beside its own, so that D's loss teaches G through the links",
    paper="Wu: UU-Nets Connecting Discriminator and Generator for Image to Image Translation",
    settings=Settings,
    capabilities=("translate",),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": {**COMMON, "batch": 8},
            "small": {
                **COMMON,
                "batch": 4,
                "ema": 0.998,
                "optimiser.lr": 5e-4,
                "network.width": 16,
                "network.max_width": 128,
                "network.pool": False,
                "network.upsample": "bilinear",
                "discriminator.width": 24,
                "discriminator.max_width": 96,
                "discriminator.init": "he",
            },
        }.items()
    },
    build=build,
    needs=("source",),
    least_batch=1,
    example={"source_channels": 3},
)
