"""DCGAN's networks, the latent's prior and the game between G and D: what the five GANs, the VAE and ALI share.

"For the fair evaluation, the architecture of all baseline networks (e.g., the number of layers, filter size, using
batch normalization) borrows that of DCGAN" (Paper 3, Section 4).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, TypedDict

from pydantic import Field
from torch import nn

from edgan.methods.base import Latent, Shape
from edgan.methods.common.image_discriminator import (
    ImageDiscriminatorSettings,
    augments,
    image_discriminator,
    judged_taps,
)
from edgan.methods.common.latent_prior import symmetric_uniform
from edgan.nets.dcgan import Discriminator, Generator
from edgan.routing import Phase, Stage, Tap
from edgan.settings import OptimiserSettings, Strict, TrainingSettings

Norm = Literal["batch", "instance", "group", "none"]


class NetworkSettings(Strict):
    """G and D, and every network shaped like one of them."""

    width: int = Field(64, ge=4, description="channels after D's first convolution; G is twice as wide")
    kernel: int = Field(5, description="side of the convolutions' kernels")
    norm: Norm = Field("batch", description="normalisation in G")
    upsample: Literal["transposed", "nearest", "bilinear"] = "transposed"


class DiscriminatorSettings(Strict):
    """Where D differs from the other networks."""

    norm: Norm = Field("batch", description="normalisation in D; its running statistics see real and fake in turn")


class SelectableDiscriminatorSettings(DiscriminatorSettings, ImageDiscriminatorSettings):
    """A discriminator that can be DCGAN's or a projected one. The loss stays the method's own."""


class PriorSettings(Strict):
    """The latent that images are drawn from."""

    size: int = Field(128, ge=1)
    prior: Literal["uniform", "normal"] = Field("uniform", description="U(-1, 1), as in the author's code, or N(0, 1)")


class GanSettings(Strict):
    """Settings of every GAN."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    latent: PriorSettings = PriorSettings()


class SelectableGanSettings(GanSettings):
    """Settings of a GAN whose discriminator can be a projected one."""

    discriminator: SelectableDiscriminatorSettings = SelectableDiscriminatorSettings()


class NetworkOptions(TypedDict):
    """Arguments of every network of `edgan.nets.dcgan`."""

    size: int
    channels: int
    width: int
    kernel: int


def network_options(net: NetworkSettings, shape: Shape) -> NetworkOptions:
    """The arguments that every network of this family takes."""
    return {"size": shape.size, "channels": shape.channels, "width": net.width, "kernel": net.kernel}


def generator(net: NetworkSettings, latent: int, shape: Shape) -> Callable[[], nn.Module]:
    """A builder of G for latents of this length."""
    options = network_options(net, shape)
    return lambda: Generator(**options, latent=latent, norm=net.norm, upsample=net.upsample)


def discriminator(settings: GanSettings, shape: Shape, extra_channels: int = 0) -> Callable[[], nn.Module]:
    """A builder of D; `extra_channels`: those of another network's features, which D's last layer reads too."""
    options, norm = network_options(settings.network, shape), settings.discriminator.norm

    def paper() -> nn.Module:
        return Discriminator(**options, norm=norm, extra_channels=extra_channels)

    if isinstance(settings, SelectableGanSettings):
        return image_discriminator(settings.discriminator, shape, paper)
    return paper


def generator_and_discriminator(settings: GanSettings, shape: Shape) -> dict[str, Callable[[], nn.Module]]:
    """Builders of G and D, by column."""
    return {
        "generator": generator(settings.network, settings.latent.size, shape),
        "discriminator": discriminator(settings, shape),
    }


def sampled_latent(settings: PriorSettings, name: str = "z") -> tuple[Latent, tuple[Tap, ...]]:
    """The latent, and the taps that draw it from its prior under this name."""
    if settings.prior == "normal":
        latent = Latent(settings.size, code=name, z=name, prior="normal")
        return latent, (Tap(name, noise=("normal", (settings.size,))),)
    unit = Tap(f"{name}_unit", noise=("uniform", (settings.size,)))
    latent = Latent(settings.size, code=name, z=name, prior="symmetric-uniform")
    return latent, (unit, Tap(name, (unit.name,), function=symmetric_uniform))


GAME = (
    Tap("output", ("z",), network="generator"),
    Tap("features", ("image",), network="discriminator", method="features"),
    Tap("features_fake", ("output",), network="discriminator", method="features"),
    Tap("d_real", ("features",), network="discriminator", method="judge"),
    Tap("d_fake", ("features_fake",), network="discriminator", method="judge"),
)
"""G draws an image from z; D sees it and a real one. D's last features are taps of their own: inversion reads them."""


def game_taps(settings: SelectableGanSettings, shape: Shape) -> tuple[Tap, ...]:
    """`GAME`, or the same with a projected discriminator or augmented images."""
    discriminator = settings.discriminator
    if discriminator.kind == "paper" and not augments(discriminator, shape):
        return GAME
    return (*GAME[:2], *judged_taps(discriminator, shape))


DISCRIMINATE = Phase("discriminate", ("discriminator",))


def alternate(discriminate: Phase = DISCRIMINATE, generate_steps: int = 1) -> Stage:
    """D, then G, each on the same batch and with the same z."""
    generate = Phase("generate", ("generator",), repeat=generate_steps)
    return Stage("game", (discriminate, generate), simultaneous=False)


PAPER_CROP = "celeba-128"
"""The author's code: rows 50:178 and columns 25:153 of aligned CelebA."""
PAPER_TRAINING = TrainingSettings(crop=PAPER_CROP, batch=128, optimiser=OptimiserSettings(lr=2e-4, beta1=0.5))
SMALL_TRAINING = TrainingSettings(batch=64, optimiser=OptimiserSettings(lr=2e-4, beta1=0.5))
SMALL_NETWORK = NetworkSettings(width=32, kernel=4)
"""Half as wide, with kernels of 4, whose even overlap prints no checkerboard."""
SMALL_LATENT = PriorSettings(size=64)

QUICK_TRAINING = TrainingSettings(
    batch=32, steps=3000, ema=0.995, optimiser=OptimiserSettings(lr=5e-4, beta1=0.0, beta2=0.99, linear_from=0.5)
)
QUICK_NETWORK = NetworkSettings(width=32, kernel=3, norm="batch", upsample="nearest")
QUICK_DISCRIMINATOR = SelectableDiscriminatorSettings(
    kind="projected", head_norm="batch", augment="few", augment_colour=False
)
"""Without the norm, DCGAN drew no shoes and no bags of Fashion-MNIST: docs/reproduction/notes-presets.md."""
