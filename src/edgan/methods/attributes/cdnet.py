"""CDNet: an encoder-decoder whose soft target is a knob for each attribute, and whose latent knows nothing of them.

Toward a Controllable Disentanglement Network (Song, Koyejo, Zhang; IEEE Transactions on Cybernetics 2022; arXiv
2001.08572). Enc_y learns the attributes first and is then frozen (Algorithm 1, lines 2-7); its soft targets are
computed once per image. Then Enc_z, Dec and Dis step at once from one forward (lines 8-21): the reconstruction teaches
Enc_z and Dec, the decorrelation Enc_z, the adversarial loss Dec and not Enc_z.

The preset `paper` is the paper's faces and `paper-digits` its digits, with what only the released code shows: half of
each squared error, log(p + 1e-3), the equilibrium gate, RMSProp with decays. Real and fake go through D apart, where
the released code joins them in one batch. `small` and `small-digits` are for two CPU cores: narrower networks, Adam at
a higher rate, a short warm-up, the non-saturating game, and a z with mean 0 and variance 1. Without the last Enc_z can
lower the decorrelation by shrinking z, which a few thousand steps do not turn into independence. And dCov without its
bias: in Eq. 1 the bias is most of the value for batches this small, and against a z of fixed variance it makes tails
heavy, so that the held-out reconstruction jumps by decibels from one evaluation to the next. Of a z much longer than
what varies in the pictures dCov sees little but linear dependence (docs/editing.md has what was measured).
"""

from __future__ import annotations

from functools import partial
from typing import Literal

from pydantic import Field

from edgan.losses import cross_covariance, distance_covariance, l2
from edgan.methods.attributes.parts import (
    PAPER,
    DiscriminatorSettings,
    GameSettings,
    NetworkSettings,
    decoder_builder,
    discriminator_builder,
    encoder_builder,
    game_of,
    judged_taps,
    targets_of,
)
from edgan.methods.base import Edit, Latent, Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.page import Page, Preset
from edgan.routing import Linear, Phase, Plan, Row, Stage, Table, Tap, Term, row
from edgan.settings import Strict


class DecorrelationSettings(Strict):
    """What makes z independent of the soft target."""

    kind: Literal["dcov", "xcov", "none"] = Field("dcov", description="CDNet-dCov, CDNet-XCov, or neither (M3)")
    unbiased: bool = Field(False, description="dcov without its bias, which is large for a long z and a small batch")
    weight: float = Field(0.05, gt=0, description="lambda_dcorr, reached linearly")
    over: int = Field(50_000, ge=1, description="steps until it is reached")


class Settings(Strict):
    """Settings of CDNet."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    game: GameSettings = GameSettings()
    decorrelation: DecorrelationSettings = DecorrelationSettings()
    classifier_steps: int = Field(6_400, ge=1, description="of Enc_y alone, before the rest; they count as steps")
    pixel_weight: float = Field(1.0, ge=0, description="of L_pix (Eq. 6); 0 is the ablation M2")
    feature_weight: float = Field(1.0, ge=0, description="lambda_rec (Eq. 6); 0 is the ablation M1")
    adversarial_weight: float = Field(0.01, ge=0, description="lambda_adv (Algorithm 1)")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    net, targets = settings.network, targets_of("cdnet", shape)
    game = game_of(settings.game, settings.discriminator.norm)
    taps = (
        Tap("y_logits", ("image",), network="attribute_encoder"),
        targets.soft,
        Tap("z", ("image",), network="encoder"),
        Tap("base", ("z", "y"), network="decoder"),
        Tap("output", ("base",), function=identity),
        *judged_taps("real", "image"),
        *judged_taps("fake", "output"),
        *game.taps,
    )
    pixels, features = 0.5 * settings.pixel_weight, 0.5 * settings.feature_weight
    reconstruction = Term("reconstruction", l2, ("base", "image"), "L2(base, image)", "Eq. 4")
    matching = Term("features", l2, ("h_fake", "h_real"), "L2(h(output), h(image))", "Eq. 5")
    table = Table(
        ("attribute_encoder", "encoder", "decoder", "discriminator"),
        (
            row(targets.classification, attribute_encoder=1.0),
            row(reconstruction, encoder=pixels, decoder=pixels),
            row(matching, encoder=features, decoder=features),
            *_decorrelation(settings.decorrelation),
            row(game.adversarial, decoder=settings.adversarial_weight),
            *game.rows,
        ),
    )
    classify = Stage(
        "classify", (Phase("classify", ("attribute_encoder",)),), simultaneous=True, steps=settings.classifier_steps
    )
    together = Stage(
        "together",
        (
            Phase("encode", ("encoder",)),
            Phase("decode", ("decoder",), condition=game.generator_condition),
            Phase("discriminate", ("discriminator",), condition=game.discriminator_condition),
        ),
        simultaneous=True,
    )
    count = len(targets.names)
    return Method(
        plan=Plan(table, taps, (classify, together)),
        networks={
            "attribute_encoder": encoder_builder(net, shape, count),
            "encoder": encoder_builder(net, shape, net.latent, normed=net.latent_norm == "batch"),
            "decoder": decoder_builder(net, shape, count),
            "discriminator": discriminator_builder(settings.discriminator, shape),
        },
        latent=Latent(net.latent),
        edit=Edit("y", targets.names, targets.kind, low=-2.0, high=5.0),
        logits=settings.game.form != "wasserstein",
    )


def _decorrelation(settings: DecorrelationSettings) -> tuple[Row, ...]:
    """The decorrelation row; nothing for M3."""
    if settings.kind == "none":
        return ()
    route = Linear(0.0, settings.weight, settings.over)
    if settings.kind == "dcov":
        loss = partial(distance_covariance, unbiased=settings.unbiased)
        term = Term("decorrelation", loss, ("y", "z"), "dCov^2(y, z)", "Eq. 1")
    else:
        term = Term("decorrelation", cross_covariance, ("y", "z"), "XCov(y, z)", "Eq. 2")
    return (row(term, encoder=route),)


_RMSPROP = {"optimiser.name": "rmsprop", "optimiser.beta2": 0.9, "optimiser.decay": 0.75}
_SMALL = {
    "optimiser.name": "adam",
    "optimiser.lr": 1e-3,
    "optimiser.beta1": 0.5,
    "optimisers.discriminator.lr": 2e-4,
    "network.latent_norm": "batch",
    "network.dropout": 0.1,
    "discriminator.dropout": 0.2,
    "game.form": "non-saturating",
}
PRESETS = {
    "paper": {
        **_RMSPROP,
        "batch": 128,
        "optimiser.lr": 5e-5,
        "optimiser.decay_at": (10_000, 20_000, 30_000, 50_000, 100_000, 130_000),
        "optimisers.attribute_encoder.lr": 1e-4,
        "optimisers.attribute_encoder.decay_at": (),
    },
    "paper-digits": {
        **_RMSPROP,
        "size": 28,
        "batch": 100,
        "optimiser.lr": 1e-4,
        "optimiser.decay_at": (10_000, 20_000, 30_000, 50_000, 70_000, 100_000),
        "optimisers.attribute_encoder.decay_at": (10_000, 20_000),
        "network.width": 32,
        "network.hidden": (1000,),
        "network.latent": 10,
        "discriminator.width": 64,
        "discriminator.hidden": 128,
        "decorrelation.weight": 1.0,
        "classifier_steps": 25_000,
    },
    "small": {
        **_SMALL,
        "batch": 64,
        "network.width": 32,
        "network.hidden": (512,),
        "network.latent": 128,
        "discriminator.stem": 8,
        "discriminator.width": 16,
        "discriminator.max_width": 64,
        "discriminator.hidden": 64,
        "decorrelation.weight": 0.5,
        "decorrelation.over": 300,
        "decorrelation.unbiased": True,
        "classifier_steps": 400,
    },
    "small-digits": {
        **_SMALL,
        "size": 28,
        "steps": 3000,
        "batch": 100,
        "optimiser.decay": 0.5,
        "optimiser.decay_at": (1500, 2200),
        "network.width": 32,
        "network.hidden": (256,),
        "network.latent": 10,
        "discriminator.stem": 8,
        "discriminator.width": 16,
        "discriminator.max_width": 64,
        "discriminator.hidden": 64,
        "decorrelation.weight": 2.0,
        "decorrelation.over": 300,
        "decorrelation.unbiased": True,
        "classifier_steps": 300,
    },
}


PAGE = Page(
    name="cdnet",
    summary="a knob for each attribute: a soft target that the latent knows nothing of (dCov, XCov or none)",
    paper=PAPER,
    settings=Settings,
    capabilities=("reconstruct", "encode", "edit"),
    presets={name: Preset.parse(Settings, values) for name, values in PRESETS.items()},
    build=build,
    example={"attributes": tuple(f"attribute_{i}" for i in range(1, 41))},
)
