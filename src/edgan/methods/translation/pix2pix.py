"""Pix2Pix: a U-Net translates a source into a picture, taught by L1 and by a discriminator of pairs.

Image-to-Image Translation with Conditional Adversarial Networks (Isola, Zhu, Zhou, Efros; CVPR 2017; arXiv 1611.07004).
Its loss is ED+GAN's (Paper 1, Eq. 1): one network feels both losses, and a weight of 100 balances them (Eq. 4).

`pix2pix//` is Paper 1's twin (Section 4.2.1, Fig. 9). "In order not to break the structure of U-Net, we apply another
U-Net as the generator": the whole network is cloned, not a decoder alone, so base and residual are drawn from the
source by two networks that share nothing but the noise of their dropout. The paper's twin has no weight. Here L1 keeps
its weight, but nothing else teaches the U-Net, and Adam divides a constant factor away.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from torch import nn

from edgan.losses import discrimination, l1, non_saturating
from edgan.methods.base import Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.common.image_discriminator import CHOICE, game_terms, image_discriminator, judged_taps
from edgan.methods.common.noisy_source import noisy_source
from edgan.methods.page import Page
from edgan.methods.translation.pix2pix_settings import PRESETS, TWIN_PRESETS, Settings, TwinSettings
from edgan.nets.pair_discriminators import GlobalDiscriminator, PatchDiscriminator
from edgan.nets.unet import UNet, dropout_draws
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    weight = settings.reconstruction_weight
    drawn_from, read = _inputs(settings, shape)
    taps = (
        *drawn_from,
        Tap("base", read, network="unet"),
        Tap("output", ("base",), function=identity),
        *judged_taps(settings.discriminator, shape, source="source"),
    )
    # The game: D judges picture and source together, and teaches the U-Net.
    adversarial, game = game_terms(
        settings.discriminator,
        Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Eq. 1"),
        Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Eq. 1"),
    )
    table = Table(
        ("unet", "discriminator"),
        (
            row(Term("reconstruction", l1, ("base", "image"), "L1(base, image)", "Eq. 3"), unet=weight),
            row(adversarial, unet=1.0),
            row(game, discriminator=1.0),
        ),
    )
    phases = (Phase("discriminate", ("discriminator",)), Phase("translate", ("unet",)))
    return Method(
        plan=Plan(table, taps, (Stage("together", phases, simultaneous=False),)),
        networks=builders(settings, shape),
        latent=None,
    )


def _inputs(settings: Settings, shape: Shape) -> tuple[tuple[Tap, ...], tuple[str, ...]]:
    """The taps of the noise, and what the U-Net reads: the source, alone or with noise beside it, and dropout."""
    network = settings.network
    taps, read = noisy_source(network.noise, shape.size)
    if not network.dropout:
        return taps, (read,)
    draws = dropout_draws(shape.size, network.width, network.max_width)
    return (*taps, Tap("dropout", noise=("uniform", (draws,)))), (read, "dropout")


def builders(settings: Settings, shape: Shape) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the U-Net and the discriminator, by column."""
    options = settings.discriminator.model_dump(exclude=CHOICE)
    layers = options.pop("layers")
    pair = {"size": shape.size, "inputs": shape.source_channels + shape.channels, **options}

    def by_pixels() -> nn.Module:
        if settings.discriminator.kind == "global":
            return GlobalDiscriminator(**pair)
        return PatchDiscriminator(**pair, layers=layers)

    discriminate = image_discriminator(settings.discriminator, shape, by_pixels, shape.source_channels)
    network: dict[str, Any] = settings.network.model_dump(exclude={"noise"})
    inputs = shape.source_channels + (settings.network.noise > 0)
    return {
        "unet": lambda: UNet(size=shape.size, inputs=inputs, outputs=shape.channels, **network),
        "discriminator": discriminate,
    }


PAGE = Page(
    name="pix2pix",
    summary="pairs: a U-Net translates the source, held by L1 and by a discriminator of patches",
    paper="Isola, Zhu, Zhou, Efros: Image-to-Image Translation with Conditional Adversarial Networks (CVPR 2017)",
    settings=Settings,
    capabilities=("translate",),
    presets=PRESETS,
    build=build,
    needs=("source",),
    least_batch=1,
    example={"source_channels": 3},
    twin_settings=TwinSettings,
    twin_presets=TWIN_PRESETS,
)
