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

`objective` chooses the comparators of Fig. 3, whose output is the base. The paper's perceptual loss compares VGG's
features. With a projected discriminator ours compares the pretrained features behind it, each map by its relative
distance. Otherwise it compares features of the discriminator, which is still learning, and is labelled "D features".
"""

from __future__ import annotations

from edgan.losses import discrimination, kl_to_standard_normal, l1, non_saturating
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import game_terms
from edgan.methods.common.pair_discriminator import lazy_r1_of_pairs
from edgan.methods.common.perceptual import perceptual_term
from edgan.methods.page import Page
from edgan.methods.translation.grit_networks import DRAWS_BASE, network_builders
from edgan.methods.translation.grit_settings import PRESETS, Settings
from edgan.methods.translation.grit_taps import base_taps, game_taps, residual_taps
from edgan.nets.grit import HALVINGS
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
    output = residual_taps(settings, shape) if has_residual else (Tap("output", ("base",), function=identity),)
    taps = (*base_taps(settings), *output, *(game_taps(settings, shape) if has_game else ()), *r1_taps)
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


def _rows(settings: Settings, has_game: bool) -> tuple[Row, ...]:
    """The rows of the table. `build` leaves out those whose weights are all 0."""
    by_pixels = settings.objective in ("grit", "l1")
    pixel_weight = settings.reconstruction_weight if by_pixels else 0.0
    feature_weight = settings.perceptual_weight if by_pixels else FEATURES_ALONE
    pixels = Term("reconstruction", l1, ("own_base", "image"), "L1(base, image)", "Section 1")
    maps = ("base_features", "image_features")
    if settings.discriminator.kind == "projected":
        features = perceptual_term("perceptual", "base", *maps, "Fig. 3")
    else:
        features = Term("perceptual", l1, maps, "L1(D features)", "Fig. 3")
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
    architecture=("network", "discriminator", "style", "trunks"),
    needs=("source",),
    least_batch=1,
    example={"source_channels": 3},
)
