"""RFGAN: D judges by its own features and by those of an autoencoder that is trained first and then frozen.

Improved Training of Generative Adversarial Networks Using Representative Features (Bang, Shim; ICML 2018). Stage 1
trains a denoising autoencoder on real images with salt and pepper. Stage 2 freezes its encoder, whose last map is
concatenated with D's before the last layer; G's gradient flows through both. As in the first author's code, G steps
twice for each step of D.
"""

from __future__ import annotations

import torch
from torch import Tensor

from edgan.losses import discrimination, l1, non_saturating
from edgan.methods.base import Method, Shape
from edgan.methods.common import gan
from edgan.methods.generation.rfgan_settings import PRESETS, Settings
from edgan.methods.page import Page
from edgan.nets.dcgan import Trunk, channel_ladder
from edgan.nets.features import Restorer
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    latent, z = gan.sampled_latent(settings.latent)
    autoencoder, options = settings.autoencoder, gan.network_options(settings.network, shape)

    def corrupted(image: Tensor, unit: Tensor) -> Tensor:
        half = 0.5 * autoencoder.corruption
        return torch.where(unit < half, -1.0, torch.where(unit > 1.0 - half, 1.0, image))

    taps = (
        *z,
        Tap("output", ("z",), network="generator"),
        Tap("unit", noise=("uniform", (1, shape.size, shape.size))),
        Tap("corrupted", ("image", "unit"), function=corrupted),
        Tap("code", ("corrupted",), network="representation"),
        Tap("restored", ("code",), network="restorer"),
        Tap("own", ("image",), network="discriminator", method="features"),
        Tap("representative", ("image",), network="representation"),
        Tap("features", ("own", "representative"), function=concatenate_channels),
        Tap("d_real", ("features",), network="discriminator", method="judge"),
        Tap("own_fake", ("output",), network="discriminator", method="features"),
        Tap("representative_fake", ("output",), network="representation"),
        Tap("features_fake", ("own_fake", "representative_fake"), function=concatenate_channels),
        Tap("d_fake", ("features_fake",), network="discriminator", method="judge"),
    )
    restoration = Term("restoration", l1, ("restored", "image"), "L1(restored, image)", "RFGAN 3.1")
    rows = (
        row(restoration, representation=1.0, restorer=1.0),
        row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Goodfellow 2014"), generator=1.0),
        row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Goodfellow 2014"), discriminator=1.0),
    )
    stages = (
        Stage("autoencoder", (Phase("restore", ("representation", "restorer")),), False, steps=autoencoder.steps),
        gan.alternate(generate_steps=settings.generator_steps),
    )
    representation_channels = channel_ladder(shape.size, settings.network.width)[-1]
    networks = {
        "generator": gan.generator(settings.network, settings.latent.size, shape),
        "discriminator": gan.discriminator(settings, shape, representation_channels),
        "representation": lambda: Trunk(**options, norm="batch"),
        "restorer": lambda: Restorer(**options, code=autoencoder.code),
    }
    return Method(Plan(Table(tuple(networks), rows), taps, stages), networks, latent)


def concatenate_channels(own: Tensor, representative: Tensor) -> Tensor:
    """Two maps (N, C, H, W) to one (N, 2C, H, W)."""
    return torch.cat([own, representative], 1)


PAGE = Page(
    name="rfgan",
    summary="DCGAN whose D also reads the features of a frozen autoencoder, trained first",
    paper="Bang, Shim: Improved Training of GANs Using Representative Features (ICML 2018)",
    settings=Settings,
    capabilities=("sample",),
    presets=PRESETS,
    build=build,
    architecture=("network", "discriminator", "latent", "autoencoder.code"),
)
