"""What ED+GAN and ED//GAN share: their settings, their networks, and the optional prior of the latent."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from edgan.losses import discrimination, kl_to_standard_normal, non_saturating, r1_penalty
from edgan.methods.base import Latent, Shape, Strict
from edgan.nets.ed_gan import Decoder, Discriminator, Encoder
from edgan.nets.latent import LatentDiscriminator
from edgan.routing import Row, Tap, Term, row


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


class LatentSettings(Strict):
    """The latent z and what is asked of its distribution (Paper 1, end of Section 2.3.1)."""

    size: int = Field(50, ge=1)
    prior: Literal["none", "vae", "aae"] = Field("none", description="with one, a trained model can also sample")
    weight: float = Field(
        0.001, ge=0, description="of the prior's row in the encoder's column; at 0 it teaches nothing"
    )


class PenaltySettings(Strict):
    """R1 on the discriminator at real images (Mescheder et al. 2018); 0 leaves the row out, as in the paper."""

    weight: float = Field(0.0, ge=0)
    every: int = Field(16, ge=1, description="steps between two evaluations; the weight is scaled up to match")


class EncoderDecoderSettings(Strict):
    """Settings of ED+GAN and ED//GAN."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    latent: LatentSettings = LatentSettings()
    penalty: PenaltySettings = PenaltySettings()


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


def latent_networks(settings: LatentSettings) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the networks that the prior asks for, by column."""
    return {"prior_discriminator": lambda: LatentDiscriminator(settings.size)} if settings.prior == "aae" else {}


def generator_builder(
    settings: EncoderDecoderSettings, generator: GeneratorSettings, shape: Shape
) -> Callable[[], nn.Module]:
    """A builder of the generator: the decoder's architecture, with what differs."""
    options = {**dict(settings.network), **dict(generator), "latent": settings.latent.size}
    return lambda: Decoder(size=shape.size, channels=shape.channels, **options)


@dataclass(frozen=True)
class LatentPart:
    """What the latent adds to a page: taps, rows, columns and a phase member."""

    latent: Latent
    taps: tuple[Tap, ...]
    rows: tuple[Row, ...] = ()
    networks: tuple[str, ...] = ()


def latent_part(settings: LatentSettings) -> LatentPart:
    """From image to z under the chosen prior: none (Table 1), a VAE's, or an adversarial autoencoder's."""
    if settings.prior == "none":
        return LatentPart(Latent(settings.size), (Tap("z", ("image",), network="encoder"),))
    if settings.prior == "vae":
        kl = Term("prior", kl_to_standard_normal, ("mean", "log_variance"), "KL(q(z|image), N(0,I))", "Kingma 2014")
        taps = (
            Tap("posterior", ("image",), network="encoder"),
            Tap("mean", ("posterior",), function=first_half),
            Tap("log_variance", ("posterior",), function=second_half),
            Tap("epsilon", noise=("normal", (settings.size,))),
            Tap("z", ("mean", "log_variance", "epsilon"), function=reparameterise),
        )
        prior = "normal" if settings.weight else None
        return LatentPart(Latent(settings.size, code="mean", prior=prior), taps, (row(kl, encoder=settings.weight),))
    taps = (
        Tap("z", ("image",), network="encoder"),
        Tap("unit", noise=("uniform", (settings.size,))),
        Tap("z_prior", ("unit",), function=symmetric),
        Tap("p_prior", ("z_prior",), network="prior_discriminator"),
        Tap("p_z", ("z",), network="prior_discriminator"),
    )
    rows = (
        row(Term("prior", non_saturating, ("p_z",), "non-saturating", "AAE"), encoder=settings.weight),
        row(Term("prior_discrimination", discrimination, ("p_prior", "p_z"), "BCE", "AAE"), prior_discriminator=1.0),
    )
    prior = "symmetric-uniform" if settings.weight else None
    return LatentPart(Latent(settings.size, prior=prior), taps, rows, ("prior_discriminator",))


def penalty_part(settings: PenaltySettings) -> tuple[tuple[Tap, ...], tuple[Row, ...]]:
    """The lazy R1 row and the two taps it reads; nothing where its weight is 0."""
    if settings.weight == 0:
        return (), ()
    taps = (
        Tap("real_point", ("image",), function=as_it_is, leaf=True, float32=True),
        Tap("d_real_point", ("real_point",), network="discriminator", float32=True),
    )
    return taps, (penalty_row(settings),)


def penalty_row(settings: PenaltySettings) -> Row:
    """R1 at the tap "real_point", whose verdict is the tap "d_real_point"."""
    term = Term(
        "penalty",
        r1_penalty,
        ("real_point", "d_real_point"),
        "R1(image)",
        "Mescheder 2018",
        every=settings.every,
        differentiates=True,
    )
    return row(term, discriminator=settings.weight)


def as_it_is(value: Tensor) -> Tensor:
    """The value itself: a second name for a tap."""
    return value


def first_half(posterior: Tensor) -> Tensor:
    """(N, 2 Z) -> (N, Z), the mean."""
    return posterior.chunk(2, dim=1)[0]


def second_half(posterior: Tensor) -> Tensor:
    """(N, 2 Z) -> (N, Z), the log variance, held within [-10, 10]."""
    return posterior.chunk(2, dim=1)[1].clamp(-10.0, 10.0)


def reparameterise(mean: Tensor, log_variance: Tensor, epsilon: Tensor) -> Tensor:
    """z = mean + sigma * epsilon (Kingma and Welling 2014, Section 2.4)."""
    return mean + torch.exp(0.5 * log_variance) * epsilon


def symmetric(unit: Tensor) -> Tensor:
    """U(0, 1) to U(-1, 1), the prior of CAAE and the range of Table 1's tanh."""
    return 2.0 * unit - 1.0


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
