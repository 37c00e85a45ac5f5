"""The networks of Paper 1, Table 1, with their settings and presets: what ED+GAN, ED//GAN and CAAE share."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import Field
from torch import nn

from edgan.methods.base import Shape
from edgan.methods.common.latent_prior import LatentSettings, latent_networks
from edgan.methods.common.r1 import R1Settings
from edgan.nets.ed_gan import Decoder, Discriminator, Encoder
from edgan.settings import Strict


class NetworkSettings(Strict):
    """Encoder and decoder, and else the generator: Paper 1, Table 1, with the released variants."""

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
    """Where the generator differs from the decoder, whose copy it is (Paper 1, Section 4.2)."""

    norm: Literal["batch", "instance", "group", "none"] = Field("batch", description="the released G always has one")
    activation: Literal["relu", "leaky"] = "relu"
    init: Literal["dcgan", "he", "torch"] = "dcgan"
    output_gain: float = Field(1.0, ge=0, description="scale of its initial output weights; 0 starts from the base")


class DiscriminatorSettings(Strict):
    """The image discriminator. Its norm never keeps running statistics: real and fake go through it apart."""

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


def builders(settings: EncoderDecoderSettings, shape: Shape) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the encoder, the decoder and the discriminators, by column."""
    net, latent = settings.network, settings.latent
    common: dict[str, Any] = {"size": shape.size, "channels": shape.channels}
    encoder = {name: getattr(net, name) for name in ("width", "max_width", "kernel", "norm", "activation", "init")}
    outputs = 2 * latent.size if latent.prior == "vae" else None
    networks: dict[str, Callable[[], nn.Module]] = {
        "encoder": lambda: Encoder(**common, **encoder, latent=latent.size, outputs=outputs),
        "decoder": lambda: Decoder(**common, **dict(net), latent=latent.size),
        "discriminator": lambda: Discriminator(**common, **dict(settings.discriminator)),
    }
    return {**networks, **latent_networks(latent)}


def generator_builder(
    settings: EncoderDecoderSettings, generator: GeneratorSettings, shape: Shape
) -> Callable[[], nn.Module]:
    """A builder of the generator: the decoder's architecture, with what differs."""
    options = {**dict(settings.network), **dict(generator), "latent": settings.latent.size}
    return lambda: Decoder(size=shape.size, channels=shape.channels, **options)


PAPER: Mapping[str, object] = {
    "batch": 25,
    "optimiser.lr": 2e-4,
    "optimiser.beta1": 0.5,
    "network.width": 64,
    "network.max_width": 1024,
    "network.upsample": "transposed",
    "network.norm": "batch",
    "discriminator.width": 64,
    "discriminator.max_width": 1024,
    "discriminator.norm": "batch",
}
SMALL: Mapping[str, object] = {
    "batch": 25,
    "optimiser.lr": 5e-4,
    "optimiser.beta1": 0.5,
    "optimisers.encoder.lr": 1e-3,
    "optimisers.encoder.beta1": 0.9,
    "optimisers.decoder.lr": 1e-3,
    "optimisers.decoder.beta1": 0.9,
    "network.width": 32,
    "network.max_width": 256,
    "network.kernel": 3,
    "network.norm": "none",
    "network.activation": "leaky",
    "network.upsample": "bilinear",
    "network.head": True,
    "network.init": "he",
    "discriminator.width": 32,
    "discriminator.max_width": 256,
    "discriminator.kernel": 3,
    "discriminator.norm": "none",
    "discriminator.activation": "leaky",
    "discriminator.init": "he",
    "penalty.weight": 0.1,
}
