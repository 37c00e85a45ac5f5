"""CDNet's encoders, decoder and discriminator, which its rivals share so that only the losses differ."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field
from torch import Tensor, nn

from edgan.methods.base import Shape
from edgan.nets.cdnet import Decoder, Discriminator, DiscriminatorOutput, Encoder
from edgan.settings import Integers, Strict


class NetworkSettings(Strict):
    """Encoders and decoder; the decoder mirrors the encoder."""

    width: int = Field(64, ge=4, description="channels after the first convolution; they double at every halving")
    hidden: Integers = Field((4000, 2000), description="widths of the fully connected layers")
    latent: int = Field(1000, ge=1, description="length of z")
    latent_norm: Literal["none", "batch"] = Field("none", description="batch: z has mean 0 and variance 1")
    dropout: float = Field(0.5, ge=0, lt=1, description="in the encoders' fully connected layers")


class DiscriminatorSettings(Strict):
    """The discriminator. Its norm keeps no running statistics: real and fake go through it apart."""

    stem: int = Field(32, ge=1, description="channels of the first layer, at full size")
    width: int = Field(128, ge=4, description="channels after the first halving")
    max_width: int = Field(256, description="no layer is wider")
    hidden: int = Field(512, ge=1, description="width of the fully connected layer")
    dropout: float = Field(0.5, ge=0, lt=1)
    norm: Literal["batch", "instance", "group", "none"] = "batch"
    patch: bool = Field(False, description="PatchGAN: one logit for each patch")


def encoder_builder(
    settings: NetworkSettings, shape: Shape, outputs: int, normed: bool = False
) -> Callable[[], nn.Module]:
    """A builder of an encoder with so many outputs."""
    options: dict[str, Any] = {"width": settings.width, "hidden": settings.hidden, "dropout": settings.dropout}
    return lambda: Encoder(size=shape.size, channels=shape.channels, outputs=outputs, normed=normed, **options)


def decoder_builder(
    settings: NetworkSettings, shape: Shape, targets: int, everywhere: bool = True
) -> Callable[[], nn.Module]:
    """A builder of a decoder that reads a target of this length at every layer, or at the first alone."""
    options: dict[str, Any] = {"width": settings.width, "hidden": settings.hidden, "latent": settings.latent}
    common: dict[str, Any] = {"size": shape.size, "channels": shape.channels}
    return lambda: Decoder(**common, **options, targets=targets, everywhere=everywhere)


def discriminator_builder(settings: DiscriminatorSettings, shape: Shape, targets: int = 0) -> Callable[[], nn.Module]:
    """A builder of a discriminator, conditional on a target of this length where it is above 0."""
    return lambda: Discriminator(size=shape.size, channels=shape.channels, targets=targets, **dict(settings))


def features_of(judged: DiscriminatorOutput) -> Tensor:
    """D's last convolution before its norm: h of Paper 2, Eq. 5."""
    return judged.features


def logits_of(judged: DiscriminatorOutput) -> Tensor:
    """D's logits."""
    return judged.logits
