"""VAE/GAN: a variational autoencoder that reconstructs in the discriminator's features; edits by latent arithmetic.

Autoencoding beyond pixels using a learned similarity metric (Larsen et al. 2016), as CDNet's authors run it beside
theirs (Paper 2, Section IV-A2 and the released code): the prior and the features teach the encoder, the features and
the adversarial loss the decoder, and samples of the prior are fakes too. The weights are the released code's, as means:
its sums over 16,384 (digits: 6,272) features become a small weight of the prior and a weight of the game. CDNet's
layers, so that only the losses differ.

Nothing here knows attributes. They are directions of the latent, measured when training has ended: the mean latent with
the attribute less the mean without.
"""

from __future__ import annotations

from typing import Any

from pydantic import Field

from edgan.losses import kl_to_standard_normal, l2
from edgan.methods.attributes.parts import (
    DiscriminatorSettings,
    GameSettings,
    NetworkSettings,
    decoder_builder,
    discriminator_builder,
    encoder_builder,
    game_of,
    judged_taps,
)
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.common.posterior import posterior_log_variance, posterior_mean, reparameterise
from edgan.methods.page import Page, Preset
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row
from edgan.settings import Strict


class Settings(Strict):
    """Settings of VAE/GAN."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    game: GameSettings = GameSettings()
    prior_weight: float = Field(1.2e-4, gt=0, description="of the KL beside the mean squared feature difference")
    adversarial_weight: float = Field(15.0, ge=0, description="beside the features, in the decoder's column")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    net, game = settings.network, game_of(settings.game, settings.discriminator.norm)
    taps = (
        Tap("posterior", ("image",), network="encoder"),
        Tap("mean", ("posterior",), function=posterior_mean),
        Tap("log_variance", ("posterior",), function=posterior_log_variance),
        Tap("epsilon", noise=("normal", (net.latent,))),
        Tap("z", ("mean", "log_variance", "epsilon"), function=reparameterise),
        Tap("base", ("z",), network="decoder"),
        Tap("output", ("base",), function=identity),
        Tap("z_prior", noise=("normal", (net.latent,))),
        Tap("drawn", ("z_prior",), network="decoder"),
        *judged_taps("real", "image"),
        *judged_taps("fake", "output"),
        *judged_taps("drawn", "drawn"),
        *game.taps,
    )
    kl = Term("prior", kl_to_standard_normal, ("mean", "log_variance"), "KL(q(z|image), N(0,I))", "Larsen Eq. 4")
    features = Term("features", l2, ("h_fake", "h_real"), "L2(h(output), h(image))", "Larsen Eq. 6")
    drawn = Term("adversarial_drawn", game.adversarial.loss, ("d_drawn",), game.adversarial.label, "Larsen Eq. 9")
    judged = Term("discrimination_drawn", game.rows[1].term.loss, ("d_drawn",), "of drawn images", "Larsen Eq. 9")
    weight = settings.adversarial_weight
    table = Table(
        ("encoder", "decoder", "discriminator"),
        (
            row(kl, encoder=settings.prior_weight),
            row(features, encoder=1.0, decoder=1.0),
            row(game.adversarial, decoder=weight),
            row(drawn, decoder=weight),
            *game.rows,
            row(judged, discriminator=1.0),
        ),
    )
    phases = (
        Phase("encode", ("encoder",)),
        Phase("decode", ("decoder",), condition=game.generator_condition),
        Phase("discriminate", ("discriminator",), condition=game.discriminator_condition),
    )
    return Method(
        plan=Plan(table, taps, (Stage("together", phases, simultaneous=True),)),
        networks={
            "encoder": encoder_builder(net, shape, 2 * net.latent),
            "decoder": decoder_builder(net, shape, 0),
            "discriminator": discriminator_builder(settings.discriminator, shape),
        },
        latent=Latent(net.latent, code="mean", prior="normal"),
        adversarial=("adversarial", "adversarial_drawn"),
        logits=settings.game.form != "wasserstein",
    )


_RMSPROP: dict[str, Any] = {"optimiser.name": "rmsprop", "optimiser.beta2": 0.9, "optimiser.decay": 0.75}
_DIGITS: dict[str, Any] = {
    "size": 28,
    "batch": 100,
    "network.width": 32,
    "network.latent": 20,
    "prior_weight": 3.2e-4,
    "adversarial_weight": 0.016,
}
_NARROW: dict[str, Any] = {
    "optimiser.name": "adam",
    "optimiser.lr": 5e-4,
    "optimiser.beta1": 0.5,
    "network.dropout": 0.0,
    "adversarial_weight": 0.05,
    "game.form": "non-saturating",
}

PAGE = Page(
    name="vae-gan",
    summary="a VAE that reconstructs in the discriminator's features; attributes are directions of its latent",
    paper="Larsen, Sønderby, Larochelle, Winther: Autoencoding beyond pixels using a learned similarity metric (2016)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample", "edit"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": {
                **_RMSPROP,
                "batch": 64,
                "optimiser.lr": 3e-4,
                "optimiser.decay_at": tuple(range(1_000, 10_001, 1_000)),
                "network.hidden": (2048, 1024),
                "network.latent": 128,
                "network.dropout": 0.0,
            },
            "paper-digits": {
                **_RMSPROP,
                **_DIGITS,
                "optimiser.lr": 1e-4,
                "network.hidden": (1000,),
                "discriminator.width": 64,
                "discriminator.hidden": 128,
            },
            "small": {
                **_NARROW,
                "batch": 64,
                "network.width": 32,
                "network.hidden": (512,),
                "network.latent": 128,
                "discriminator.stem": 8,
                "discriminator.width": 16,
                "discriminator.max_width": 64,
                "discriminator.hidden": 128,
            },
            "small-digits": {
                **_DIGITS,
                **_NARROW,
                "network.hidden": (256,),
                "discriminator.stem": 8,
                "discriminator.width": 16,
                "discriminator.max_width": 64,
                "discriminator.hidden": 64,
            },
        }.items()
    },
    build=build,
)
