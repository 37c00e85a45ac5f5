"""GRIT: the base learns from pairs pixel by pixel, and a GAN's residual adds what pixels cannot teach.

Paper 4 (GRIT, WACV 2024). The output is base + residual, as in ED//GAN, but one network draws both from a source, with
a style and noise. L1 holds the base to the photo; the adversarial loss alone teaches the residual. The base does not
depend on the noise: the trunk runs once without noise, for the base, and once with it, for the residual. If L1 saw the
noise, it would teach the trunk to suppress it. `grit_settings` says what the text available to us leaves open; those
settings change routes and cuts.

The style is encoded from the photo and held to N(0, 1) by a KL term. L1 compares the base in this style, which knows
the target. The output that D judges has a style drawn from N(0, 1), as in use, and the base must show that style
(`style.regression`, after BicycleGAN, Zhu et al. 2017). A translation takes the style of a given photo, a drawn one, or
the prior's mean.

`objective` chooses the comparators of Fig. 3, whose output is the base. The perceptual loss compares features of the
discriminator, which is still learning; the paper's compares VGG's. It is labelled "D features" wherever it is printed.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from torch import Tensor

from edgan.losses import discrimination, kl_to_standard_normal, l1, non_saturating
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import game_terms, judged_taps
from edgan.methods.common.pair_discriminator import lazy_r1_of_pairs
from edgan.methods.common.posterior import posterior_log_variance, posterior_mean, reparameterise
from edgan.methods.decoupled import add
from edgan.methods.page import Page
from edgan.methods.translation.grit_networks import DRAWS_BASE, network_builders
from edgan.methods.translation.grit_settings import PRESETS, Settings
from edgan.nets.grit import HALVINGS, noise_shapes
from edgan.nets.high_pass import high_pass
from edgan.routing import Cut, Phase, Plan, Row, Stage, Table, Tap, Term, row

FEATURES_ALONE = 10.0
"""Weight of the perceptual loss where it stands in for L1."""


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    has_residual = settings.objective == "grit"
    has_game = settings.objective != "l1" or settings.perceptual_weight > 0
    apart = ("residual_trunk",) if settings.trunks == "apart" else ()
    drawing = (*DRAWS_BASE, *((*apart, "residual_head") if has_residual else ()))
    judging = ("discriminator",) if has_game else ()
    r1_taps, r1_rows = lazy_r1_of_pairs(settings.penalty, ("source",), "seen_image") if has_game else ((), ())
    output = _residual_taps(settings, shape) if has_residual else (Tap("output", ("base",), function=identity),)
    taps = (*_base_taps(settings), *output, *(_game_taps(settings, shape) if has_game else ()), *r1_taps)
    rows = tuple(r for r in (*_rows(settings, has_game), *r1_rows) if r.cells)
    phases = (*(Phase("discriminate", (name,)) for name in judging), Phase("translate", drawing))
    cuts = (Cut("base", "base", into="output", scale=settings.base_gradient),) if has_residual else ()
    networks = network_builders(settings.network, settings.discriminator, settings.style.size, shape)
    return Method(
        plan=Plan(Table((*drawing, *judging), rows), taps, (Stage("together", phases, simultaneous=False),), cuts),
        networks={name: networks[name] for name in (*drawing, *judging)},
        latent=Latent(settings.style.size, code="mean", z="style", prior="normal"),
        multiple=2**HALVINGS,
    )


def _base_taps(settings: Settings) -> tuple[Tap, ...]:
    """From source, style and no noise to the base: in a drawn style, as in use, and in the target's own."""
    return (
        Tap("content", ("source",), network="content_encoder"),
        Tap("posterior", ("image",), network="style_encoder"),
        Tap("mean", ("posterior",), function=posterior_mean),
        Tap("log_variance", ("posterior",), function=posterior_log_variance),
        Tap("epsilon", noise=("normal", (settings.style.size,))),
        Tap("own_style", ("mean", "log_variance", "epsilon"), function=reparameterise),
        Tap("own_smooth", ("content", "own_style"), network="trunk"),
        Tap("own_base", ("own_smooth",), network="base_head"),
        Tap("style", noise=("normal", (settings.style.size,))),
        Tap("smooth", ("content", "style"), network="trunk"),
        Tap("base", ("smooth",), network="base_head"),
        Tap("posterior_of_base", ("base",), network="style_encoder"),
        Tap("style_of_base", ("posterior_of_base",), function=posterior_mean),
    )


def _residual_taps(settings: Settings, shape: Shape) -> tuple[Tap, ...]:
    """From source, style and noise to the residual, and the output."""
    noise = tuple(Tap(f"noise_{side[1]}", noise=("normal", side)) for side in noise_shapes(shape.size))
    trunk = "residual_trunk" if settings.trunks == "apart" else "trunk"
    return (
        *noise,
        Tap("noisy", ("content", "style", *(tap.name for tap in noise)), network=trunk),
        Tap("full_residual", ("noisy",), network="residual_head"),
        Tap("residual", ("full_residual",), function=_high_pass(settings, shape)),
        Tap("output", ("base", "residual"), function=add),
    )


def _game_taps(settings: Settings, shape: Shape) -> tuple[Tap, ...]:
    """What D sees and says; its features are those of the perceptual loss."""
    high_pass = _high_pass(settings, shape)
    return (
        *(Tap(f"seen_{picture}", (picture,), function=high_pass) for picture in ("image", "own_base", "output")),
        *judged_taps(settings.discriminator, shape, real="seen_image", fake="seen_output", source="source"),
        Tap("image_features", ("seen_image", "source"), network="discriminator", method="features"),
        Tap("base_features", ("seen_own_base", "source"), network="discriminator", method="features"),
    )


def _high_pass(settings: Settings, shape: Shape) -> Callable[[Tensor], Tensor]:
    """The filter on the residual and on what D sees: high frequencies alone, or everything."""
    if settings.objective != "grit" or settings.fine is None:
        return identity
    return partial(high_pass, deviation=settings.fine * shape.size)


def _rows(settings: Settings, has_game: bool) -> tuple[Row, ...]:
    """The rows of the table. `build` leaves out those whose weights are all 0."""
    by_pixels = settings.objective in ("grit", "l1")
    pixel_weight = settings.reconstruction_weight if by_pixels else 0.0
    feature_weight = settings.perceptual_weight if by_pixels else FEATURES_ALONE
    pixels = Term("reconstruction", l1, ("own_base", "image"), "L1(base, image)", "Section 1")
    features = Term("perceptual", l1, ("base_features", "image_features"), "L1(D features)", "Fig. 3")
    adversarial, game = game_terms(
        settings.discriminator,
        Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Section 1"),
        Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Section 1"),
    )
    prior = Term("style", kl_to_standard_normal, ("mean", "log_variance"), "KL(q(style|image), N(0,I))", "Kingma 2014")
    regression = Term("style_regression", l1, ("style_of_base", "style"), "L1(style(base), style)", "BicycleGAN Eq. 6")
    return (
        row(pixels, **dict.fromkeys(DRAWS_BASE, pixel_weight)),
        row(features, **dict.fromkeys(DRAWS_BASE, feature_weight)),
        # The game: D judges picture and source together, and teaches the networks that draw the residual.
        row(adversarial, **dict.fromkeys(_taught_by_d(settings), 1.0)),
        row(game, discriminator=float(has_game)),
        row(prior, style_encoder=settings.style.weight),
        # A drawn style can be read off the base; the style encoder, which reads it, does not learn to be written to.
        row(regression, **dict.fromkeys(("trunk", "base_head"), settings.style.regression)),
    )


def _taught_by_d(settings: Settings) -> tuple[str, ...]:
    """The networks that the adversarial loss teaches. The style encoder learns from the reconstruction alone."""
    draws_base = ("content_encoder", "trunk", "base_head")
    if settings.objective != "grit":
        return draws_base if settings.objective == "perceptual-gan" else ()
    trunk = ("residual_trunk",) if settings.trunks == "apart" else ("content_encoder", "trunk")
    return (*(draws_base if settings.base_gradient else ()), *trunk, "residual_head")


PAGE = Page(
    name="grit",
    summary="pairs: a reconstruction held by L1 plus a residual that only a GAN teaches, with noise to vary it",
    paper="GRIT: GAN Residuals for Paired Image-to-Image Translation (WACV 2024)",
    settings=Settings,
    capabilities=("translate", "encode"),
    presets=PRESETS,
    build=build,
    needs=("source",),
    least_batch=1,
    example={"source_channels": 3},
)
