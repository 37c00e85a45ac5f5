"""VAE/GAN: a variational autoencoder that reconstructs in the discriminator's features; edits by latent arithmetic.

Autoencoding beyond pixels using a learned similarity metric (Larsen et al. 2016), as CDNet's authors run it for
comparison (Paper 2, Section IV-A2 and the released code): the prior and the features teach the encoder, the features
and the adversarial loss the decoder, and samples of the prior are fakes too. The released code's weights apply to sums
over 16,384 features (digits: 6,272); here they apply to means, so the prior gets a small weight and the game one of
its own. The networks are CDNet's, so that only the losses differ.

The model takes no attributes. They are directions of the latent, measured after training: the mean latent of images
with the attribute minus the mean of those without.
"""

from __future__ import annotations

from edgan.losses import kl_to_standard_normal
from edgan.methods.attributes.vae_gan_settings import PRESETS, Settings
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.adversarial_game import GAMES, slope_penalty, waits_when_ahead
from edgan.methods.common.cdnet_networks import (
    decoder_builder,
    discriminator_builder,
    encoder_builder,
)
from edgan.methods.common.feature_game import feature_term, judged
from edgan.methods.common.identity import identity
from edgan.methods.common.posterior import posterior_taps
from edgan.methods.page import Page
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    net, game, weight = settings.network, GAMES[settings.game.form], settings.adversarial_weight
    penalty_taps, penalty_rows = slope_penalty(settings.game, settings.discriminator)
    taps = (
        *posterior_taps(net.latent),
        Tap("base", ("z",), network="decoder"),
        Tap("output", ("base",), function=identity),
        Tap("z_prior", noise=("normal", (net.latent,))),
        Tap("drawn", ("z_prior",), network="decoder"),
        *judged(
            settings.discriminator,
            shape,
            {"real": "image", "fake": "output", "drawn": "drawn"},
            features={"real": "image", "fake": "output"},
        ),
        *penalty_taps,
    )
    kl = Term("prior", kl_to_standard_normal, ("mean", "log_variance"), "KL(q(z|image), N(0,I))", "Larsen Eq. 4")
    table = Table(
        ("encoder", "decoder", "discriminator"),
        (
            row(kl, encoder=settings.prior_weight),
            row(feature_term(settings.discriminator, "Larsen Eq. 6"), encoder=1.0, decoder=1.0),
            # The game: D judges images, outputs and pictures drawn from the prior, and teaches the decoder, not the
            # encoder. `game.form` chooses the losses.
            row(game.adversarial.term("adversarial", "d_fake", "output", "Larsen Eq. 9"), decoder=weight),
            row(game.adversarial.term("adversarial_drawn", "d_drawn", "drawn", "Larsen Eq. 9"), decoder=weight),
            row(game.real.term("discrimination_real", "d_real", "image", "Larsen Eq. 9"), discriminator=1.0),
            row(game.fake.term("discrimination_fake", "d_fake", "output", "Larsen Eq. 9"), discriminator=1.0),
            *penalty_rows,
            row(game.fake.term("discrimination_drawn", "d_drawn", "drawn", "Larsen Eq. 9"), discriminator=1.0),
        ),
    )
    together = (
        Phase("encode", ("encoder",)),
        Phase("decode", ("decoder",), condition=waits_when_ahead(settings.game, "generator")),
        Phase("discriminate", ("discriminator",), condition=waits_when_ahead(settings.game, "discriminator")),
    )
    return Method(
        plan=Plan(table, taps, (Stage("together", together, simultaneous=True),)),
        networks={
            "encoder": encoder_builder(net, shape, 2 * net.latent),
            "decoder": decoder_builder(net, shape, 0),
            "discriminator": discriminator_builder(settings.discriminator, net, shape),
        },
        latent=Latent(net.latent, code="mean", prior="normal"),
        adversarial=("adversarial", "adversarial_drawn"),
        logits=settings.game.form != "wasserstein",
    )


PAGE = Page(
    name="vae-gan",
    summary="a VAE that reconstructs in the discriminator's features; attributes are directions of its latent",
    paper="Larsen, Sønderby, Larochelle, Winther: Autoencoding beyond pixels using a learned similarity metric (2016)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample", "edit"),
    presets=PRESETS,
    build=build,
)
