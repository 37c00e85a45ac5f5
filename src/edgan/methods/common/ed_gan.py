"""The networks of Paper 1, Table 1, with their settings and presets: what ED+GAN, ED//GAN and CAAE share."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any, Literal

from pydantic import Field
from torch import nn

from edgan.errors import UsageError
from edgan.losses import l1
from edgan.methods.base import FeatureLoss, Shape
from edgan.methods.common.image_discriminator import (
    CHOICE,
    ImageDiscriminatorSettings,
    image_discriminator,
    seen_likewise,
)
from edgan.methods.common.latent_prior import LatentSettings
from edgan.methods.common.perceptual import perceptual_term, pretrained_maps
from edgan.methods.common.r1 import R1Settings
from edgan.methods.generator_training import GeneratorTraining
from edgan.nets.ed_gan import Decoder, Discriminator, Encoder
from edgan.routing import Row, Tap, Term, row
from edgan.settings import OptimiserSettings, Strict, TrainingSettings

OUTPUT_MAPS = "output_maps"
"""The tap with the pretrained maps of the output as D sees it."""


class NetworkSettings(Strict):
    """Encoder and decoder, and the generator where it has no setting of its own (Paper 1, Table 1)."""

    width: int = Field(64, description="channels after the first convolution; they double at every halving")
    max_width: int = Field(1024, description="no layer is wider")
    kernel: int = Field(5, description="side of the convolutions' kernels")
    norm: Literal["batch", "instance", "group", "none"] = Field("batch", description="normalisation in Enc and Dec")
    activation: Literal["relu", "leaky"] = "relu"
    upsample: Literal["transposed", "nearest", "bilinear"] = Field(
        "transposed", description="transposed convolution, or resizing followed by a convolution"
    )
    head: bool = Field(False, description="the released code's two extra stride-1 layers")
    init: Literal["dcgan", "he", "torch"] = Field("dcgan", description="initial weights")


class GeneratorSettings(Strict):
    """Where the generator differs from the decoder, whose architecture it has (Paper 1, Section 4.2)."""

    norm: Literal["batch", "instance", "group", "none"] = Field("batch", description="the released G always has one")
    activation: Literal["relu", "leaky"] = "relu"
    init: Literal["dcgan", "he", "torch"] = "dcgan"
    output_gain: float = Field(1.0, ge=0, description="scale of its initial output weights; 0 starts from the base")


class DiscriminatorSettings(ImageDiscriminatorSettings):
    """The image discriminator. Its norm keeps no running statistics; real and fake are normalised separately."""

    width: int = 64
    max_width: int = 1024
    kernel: int = 5
    norm: Literal["batch", "instance", "group", "none"] = "batch"
    activation: Literal["relu", "leaky"] = "relu"
    fully_connected: int | None = Field(None, description="width of the released code's extra layer (1024)")
    init: Literal["dcgan", "he", "torch"] = "dcgan"


class EncoderDecoderSettings(Strict):
    """Settings of ED+GAN and ED//GAN."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    latent: LatentSettings = LatentSettings()
    penalty: R1Settings = R1Settings()
    perceptual_weight: float = Field(
        0.0,
        ge=0,
        description="of a distance between pretrained features beside L1, for discriminator.kind=projected",
    )


def reconstruction(
    settings: EncoderDecoderSettings, source: str, taught: tuple[str, ...] = ("encoder", "decoder")
) -> tuple[tuple[Tap, ...], tuple[Row, ...]]:
    """Taps and rows of the reconstruction loss: L1, and the perceptual loss where it has a weight.

    Args:
        settings: of the method.
        source: the equation of L1.
        taught: the networks that it teaches.

    Raises:
        UsageError: a perceptual loss without pretrained features.
    """
    rows: tuple[Row, ...] = (
        row(Term("reconstruction", l1, ("base", "image"), "L1(base, image)", source), **dict.fromkeys(taught, 1.0)),
    )
    weight = settings.perceptual_weight
    if not weight:
        return (), rows
    if settings.discriminator.kind != "projected":
        raise UsageError(
            "needs discriminator.kind=projected, whose pretrained features it compares.", parameter="perceptual_weight"
        )
    taps = (pretrained_maps("base", "base_maps"), pretrained_maps("image", "image_maps"))
    term = perceptual_term("perceptual", "base", "base_maps", "image_maps", "Johnson 2016")
    return taps, (*rows, row(term, **dict.fromkeys(taught, weight)))


def feature_loss(settings: ImageDiscriminatorSettings, shape: Shape) -> FeatureLoss | None:
    """A feature loss of the output, for a generator; None: the discriminator has no pretrained features.

    It reads the tap `OUTPUT_MAPS`, which `judged_taps` makes.

    Both pictures are seen as D sees the output, augmented by the same draws. Shifted pictures show the maps' strides
    at every place, so that no lattice is left unpunished.

    Args:
        settings: of the discriminator; only a projected one has pretrained features.
        shape: of the data.
    """
    if settings.kind != "projected":
        return None
    moved, target = seen_likewise(settings, shape, "image", "fake")
    term = perceptual_term("features", "output", OUTPUT_MAPS, "target_maps", "Johnson 2016")
    return FeatureLoss((*moved, pretrained_maps(target, "target_maps")), term)


def encoder(net: NetworkSettings, latent: LatentSettings, shape: Shape) -> Callable[[], nn.Module]:
    """A builder of the encoder; a variational one gives mean and log variance."""
    options: dict[str, Any] = net.model_dump(include={"width", "max_width", "kernel", "norm", "activation", "init"})
    outputs = 2 * latent.size if latent.prior == "vae" else None
    return lambda: Encoder(size=shape.size, channels=shape.channels, latent=latent.size, outputs=outputs, **options)


def decoder(
    net: NetworkSettings, latent: int, shape: Shape, differences: GeneratorSettings | None = None
) -> Callable[[], nn.Module]:
    """A builder of the decoder, or of a generator with the decoder's architecture.

    Args:
        net: width, kernel, ...
        latent: length of the input vector.
        shape: of the data.
        differences: the generator's own settings; None for the decoder.
    """
    options = {**net.model_dump(), **(differences.model_dump() if differences else {})}
    return lambda: Decoder(size=shape.size, channels=shape.channels, latent=latent, **options)


def drawer(net: NetworkSettings, latent: int, shape: Shape) -> Callable[..., nn.Module]:
    """A builder of the decoder with other options than its own, for the generator of a twin."""
    return lambda **options: Decoder(
        size=shape.size, channels=shape.channels, latent=latent, **{**net.model_dump(), **options}
    )


def discriminator(settings: DiscriminatorSettings, shape: Shape) -> Callable[[], nn.Module]:
    """A builder of the discriminator."""
    options: dict[str, Any] = settings.model_dump(exclude=CHOICE)
    paper = partial(Discriminator, size=shape.size, channels=shape.channels, **options)
    return image_discriminator(settings, shape, paper)


PAPER_TRAINING = TrainingSettings(batch=25, optimiser=OptimiserSettings(lr=2e-4, beta1=0.5))
PAPER_NETWORK = NetworkSettings(width=64, max_width=1024, upsample="transposed", norm="batch")
PAPER_DISCRIMINATOR = DiscriminatorSettings(width=64, max_width=1024, norm="batch")

_FAST = OptimiserSettings(lr=1e-3, beta1=0.9)
SMALL_TRAINING = TrainingSettings(
    batch=25, optimiser=OptimiserSettings(lr=5e-4, beta1=0.5), optimisers={"encoder": _FAST, "decoder": _FAST}
)
SMALL_NETWORK = NetworkSettings(
    width=32, max_width=256, kernel=3, norm="none", activation="leaky", upsample="bilinear", head=True, init="he"
)
SMALL_DISCRIMINATOR = DiscriminatorSettings(
    width=32, max_width=256, kernel=3, norm="none", activation="leaky", init="he"
)
SMALL_PENALTY = R1Settings(weight=0.1)

QUICK_TRAINING = TrainingSettings(
    batch=16,
    steps=2000,
    ema=0.99,
    optimiser=OptimiserSettings(lr=1e-3, beta1=0.0, beta2=0.99, linear_from=0.5),
    optimisers=dict.fromkeys(
        ("encoder", "decoder"), OptimiserSettings(lr=1e-3, beta1=0.9, beta2=0.99, linear_from=0.5)
    ),
)
QUICK_NETWORK = NetworkSettings(
    width=32, max_width=256, kernel=3, norm="none", activation="leaky", upsample="nearest", head=True, init="he"
)
QUICK_GENERATOR = GeneratorSettings(norm="none", activation="leaky", init="he", output_gain=0.1)
QUICK_DISCRIMINATOR = DiscriminatorSettings(kind="projected", augment="few", augment_colour=False)
QUICK_LATENT = LatentSettings(size=128)
QUICK_GENERATOR_TRAINING = GeneratorTraining(ed_first_share=0.5, ed_frozen=False, generator_as_decoder=True)
QUICK_FEATURE_WEIGHT = 30.0
"""Of ED//GAN and of CAAE's twin."""
