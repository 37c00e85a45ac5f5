"""CDNet: an encoder-decoder with one adjustable input for each attribute and a latent that is independent of them.

Toward a Controllable Disentanglement Network (Song, Koyejo, Zhang; IEEE Transactions on Cybernetics 2022; arXiv
2001.08572). Enc_y learns the attributes first and is then frozen (Algorithm 1, lines 2-7); its soft targets are
computed once per image. Then Enc_z, Dec and Dis step at once from one forward (lines 8-21): the reconstruction teaches
Enc_z and Dec, the decorrelation Enc_z, the adversarial loss Dec and not Enc_z.

Of a z much longer than what varies in the pictures, dCov sees little but linear dependence (docs/editing.md has the
measurements). Real and fake pass through D in two batches, where the released code joins them in one.
"""

from __future__ import annotations

from functools import partial

from edgan.losses import cross_covariance, distance_covariance
from edgan.methods.attributes.cdnet_edits import HIGH, LOW, edit_rows, edited_pictures
from edgan.methods.attributes.cdnet_settings import PRESETS, DecorrelationSettings, Settings
from edgan.methods.base import Edit, Latent, Method, Shape
from edgan.methods.common.adversarial_game import GAMES, slope_penalty, waits_when_ahead
from edgan.methods.common.attribute_targets import targets_of
from edgan.methods.common.cdnet_networks import (
    decoder_builder,
    discriminator_builder,
    encoder_builder,
    pixel_loss,
)
from edgan.methods.common.feature_game import feature_term, judged
from edgan.methods.common.identity import identity
from edgan.methods.page import Page
from edgan.routing import Linear, Phase, Plan, Row, Stage, Table, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    net, targets, game = settings.network, targets_of(shape), GAMES[settings.game.form]
    pixel_taps, reconstruction = pixel_loss(net, "Eq. 4", settings.pixel_loss)
    fake = "edited" if settings.edits.judged else "output"
    penalty_taps, penalty_rows = slope_penalty(settings.game, settings.discriminator)
    taps = (
        Tap("y_logits", ("image",), network="attribute_encoder"),
        targets.soft,
        Tap("z", ("image",), network="encoder"),
        Tap("base", ("z", "y"), network="decoder"),
        Tap("output", ("base",), function=identity),
        *edited_pictures(settings.edits, targets),
        *judged(
            settings.discriminator,
            shape,
            {"real": "image", "fake": fake},
            features={"real": "image", "fake": "output"},
        ),
        *pixel_taps,
        *penalty_taps,
    )
    pixels, features = 0.5 * settings.pixel_weight, 0.5 * settings.feature_weight
    table = Table(
        ("attribute_encoder", "encoder", "decoder", "discriminator"),
        (
            row(targets.classification, attribute_encoder=1.0),
            row(reconstruction, encoder=pixels, decoder=pixels),
            row(feature_term(settings.discriminator, "Eq. 5"), encoder=features, decoder=features),
            *_decorrelation(settings.decorrelation),
            # The game, with p for what Dis says: Dis minimises -log p(image) - log(1 - p(output)). Dec alone minimises
            # log(1 - p(output)); Enc_z never feels it. `game.form` can replace both losses, and with `edits.judged` Dis
            # sees edited pictures in place of the output.
            row(game.adversarial.term("adversarial", "d_fake", fake, "Eq. 7"), decoder=settings.adversarial_weight),
            row(game.real.term("discrimination_real", "d_real", "image", "Eq. 7"), discriminator=1.0),
            row(game.fake.term("discrimination_fake", "d_fake", fake, "Eq. 7"), discriminator=1.0),
            *penalty_rows,
            *edit_rows(settings.edits, targets),
        ),
    )
    classify = Phase("classify", ("attribute_encoder",))
    together = (
        Phase("encode", ("encoder",)),
        Phase("decode", ("decoder",), condition=waits_when_ahead(settings.game, "generator")),
        Phase("discriminate", ("discriminator",), condition=waits_when_ahead(settings.game, "discriminator")),
    )
    stages = (
        Stage("classify", (classify,), simultaneous=True, steps=settings.classifier_steps),
        Stage("together", together, simultaneous=True),
    )
    return Method(
        plan=Plan(table, taps, stages),
        networks={
            "attribute_encoder": encoder_builder(net, shape, targets.count),
            "encoder": encoder_builder(net, shape, net.latent, normed=net.latent_norm == "batch"),
            "decoder": decoder_builder(net, shape, targets.count),
            "discriminator": discriminator_builder(settings.discriminator, net, shape),
        },
        latent=Latent(net.latent),
        edit=Edit("y", targets.names, targets.kind, low=LOW, high=HIGH),
        logits=settings.game.form != "wasserstein",
        attributes_last=("attribute_encoder", "decoder"),
    )


def _decorrelation(settings: DecorrelationSettings) -> tuple[Row, ...]:
    """The decorrelation row; nothing for M3."""
    if settings.kind == "none":
        return ()
    route = Linear(0.0, settings.weight, settings.over)
    if settings.kind == "dcov":
        loss, label, source = partial(distance_covariance, unbiased=settings.unbiased), "dCov^2(y, z)", "Eq. 1"
    else:
        loss, label, source = partial(cross_covariance, unbiased=settings.unbiased), "XCov(y, z)", "Eq. 2"
    return (row(Term("decorrelation", loss, ("y", "z"), label, source), encoder=route),)


def _least_batch(settings: Settings) -> int:
    """An unbiased estimate of dependence needs four images, batch norm two."""
    return 4 if settings.decorrelation.unbiased and settings.decorrelation.kind != "none" else 2


PAGE = Page(
    name="cdnet",
    summary="edits attributes by intensity: a soft target, and a latent independent of it (dCov, XCov or neither)",
    paper="Song, Koyejo, Zhang: Toward a Controllable Disentanglement Network (IEEE T-Cybernetics 2022)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "edit"),
    presets=PRESETS,
    build=build,
    least_batch=_least_batch,
    example={"attributes": tuple(f"attribute_{i}" for i in range(1, 41))},
)
