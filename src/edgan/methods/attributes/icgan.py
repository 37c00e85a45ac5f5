"""IcGAN: a conditional GAN, then two encoders that recover its inputs from a picture.

Invertible Conditional GANs for Image Editing (Perarnau et al. 2016), as CDNet's authors run it for comparison (Paper 2,
Section IV-A2 and the released code), without the wrong-label term. After the GAN, Enc_z learns the latents of generated
images and Enc_y the attributes of real ones, both by squared error. The decoder is the GAN's generator. The networks
are CDNet's, so that only the losses differ; the generator takes the target at its first layer, D after its first.
"""

from __future__ import annotations

from edgan.losses import discrimination, l2, non_saturating
from edgan.methods.attributes.icgan_settings import PRESETS, Settings
from edgan.methods.base import Edit, Latent, Method, Shape
from edgan.methods.common.attribute_targets import targets_of
from edgan.methods.common.cdnet_networks import (
    decoder_builder,
    discriminator_builder,
    encoder_builder,
)
from edgan.methods.common.feature_game import judged
from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import game_terms
from edgan.methods.page import Page
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    net, targets = settings.network, targets_of(shape)
    taps = (
        targets.given,
        Tap("z_prior", noise=("normal", (net.latent,))),
        Tap("fake", ("z_prior", "y_given"), network="decoder"),
        *judged(
            settings.discriminator,
            shape,
            {"real": "image", "fake": "fake"},
            condition={"real": "y_given", "fake": "y_given"},
        ),
        Tap("z_recovered", ("fake",), network="encoder"),
        Tap("z", ("image",), network="encoder"),
        Tap("y", ("image",), network="attribute_encoder"),
        Tap("base", ("z", "y_given"), network="decoder"),
        Tap("output", ("base",), function=identity),
    )
    adversarial, game = game_terms(
        settings.discriminator,
        Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "IcGAN Eq. 2"),
        Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "IcGAN Eq. 2"),
    )
    table = Table(
        ("attribute_encoder", "encoder", "decoder", "discriminator"),
        (
            # The game: D judges images and fakes together with their attributes, and teaches the decoder.
            row(adversarial, decoder=1.0),
            row(game, discriminator=1.0),
            row(Term("latents", l2, ("z_recovered", "z_prior"), "L2(Enc_z(fake), z)", "IcGAN Eq. 3"), encoder=1.0),
            row(Term("attributes", l2, ("y", "y_given"), "L2(y, y_given)", "IcGAN Eq. 4"), attribute_encoder=1.0),
        ),
    )
    play = (Phase("discriminate", ("discriminator",)), Phase("generate", ("decoder",)))
    invert = (Phase("invert", ("attribute_encoder", "encoder")),)
    stages = (
        Stage("conditional GAN", play, simultaneous=False, steps=settings.gan_steps),
        Stage("encoders", invert, simultaneous=True),
    )
    return Method(
        plan=Plan(table, taps, stages),
        networks={
            "attribute_encoder": encoder_builder(net, shape, targets.count),
            "encoder": encoder_builder(net, shape, net.latent),
            "decoder": decoder_builder(net, shape, targets.count, everywhere=False),
            "discriminator": discriminator_builder(settings.discriminator, net, shape, targets.count),
        },
        latent=Latent(net.latent, prior="normal"),
        edit=Edit("y_given", targets.names, targets.kind, low=0.0, high=6.0, code="y"),
        attributes_last=("attribute_encoder", "decoder", "discriminator"),
    )


PAGE = Page(
    name="icgan",
    summary="a conditional GAN, then encoders that recover its latent and its label; edits change the label",
    paper="Perarnau, van de Weijer, Raducanu, Alvarez: Invertible Conditional GANs for Image Editing (2016)",
    settings=Settings,
    capabilities=("sample", "reconstruct", "encode", "edit"),
    presets=PRESETS,
    build=build,
    example={"attributes": tuple(f"attribute_{i}" for i in range(1, 41))},
)
