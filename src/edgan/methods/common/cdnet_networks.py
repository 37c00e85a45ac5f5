"""CDNet's encoders, decoder and discriminator, which its rivals share so that only the losses differ."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Annotated, Any, Literal

from pydantic import Field
from torch import Tensor, nn

from edgan.losses import l1, l2
from edgan.methods.base import Shape
from edgan.methods.common.image_discriminator import CHOICE, ImageDiscriminatorSettings, image_discriminator
from edgan.nets.cdnet import Decoder, Discriminator, DiscriminatorOutput, Encoder, to_unit
from edgan.routing import Tap, Term
from edgan.settings import Integers, OptimiserSettings, Strict, TrainingSettings


class NetworkSettings(Strict):
    """Encoders and decoder; the decoder mirrors the encoder."""

    width: int = Field(64, ge=4, description="channels after the first convolution; they double at every halving")
    hidden: Integers = Field((4000, 2000), description="widths of the fully connected layers")
    latent: int = Field(1000, ge=1, description="length of z")
    latent_norm: Literal["none", "batch"] = Field("none", description="batch: z has mean 0 and variance 1")
    dropout: float = Field(0.5, ge=0, lt=1, description="in the encoders' fully connected layers")
    last_side: Literal["shortest"] | Annotated[int, Field(ge=1)] | None = Field(
        None,
        description="side of the last map in pixels, D's too; size / 8 unless set, / 4 below 32; shortest: 4 or more",
    )
    upsample: Literal["transposed", "nearest"] = Field(
        "transposed", description="transposed convolutions, or resizing followed by a convolution"
    )
    pixel_range: Literal["symmetric", "unit"] = Field(
        "symmetric", description="of what networks and pixel losses see: [-1, 1], or [0, 1] as the released digits"
    )

    @property
    def picture(self) -> dict[str, Any]:
        """What encoders, decoder and discriminator share."""
        return {"last_side": self.last_side, "unit": self.pixel_range == "unit"}


class DiscriminatorSettings(ImageDiscriminatorSettings):
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
    """A builder of an encoder with this number of outputs."""
    options: dict[str, Any] = {"width": settings.width, "hidden": settings.hidden, "dropout": settings.dropout}
    options |= settings.picture
    return lambda: Encoder(size=shape.size, channels=shape.channels, outputs=outputs, normed=normed, **options)


def decoder_builder(
    settings: NetworkSettings, shape: Shape, targets: int, everywhere: bool = True
) -> Callable[[], nn.Module]:
    """A builder of a decoder that reads a target of this length at every layer, or at the first alone."""
    options: dict[str, Any] = {"width": settings.width, "hidden": settings.hidden, "latent": settings.latent}
    options |= {**settings.picture, "upsample": settings.upsample}
    common: dict[str, Any] = {"size": shape.size, "channels": shape.channels}
    return lambda: Decoder(**common, **options, targets=targets, everywhere=everywhere)


def discriminator_builder(
    settings: DiscriminatorSettings, net: NetworkSettings, shape: Shape, targets: int = 0
) -> Callable[[], nn.Module]:
    """A builder of a discriminator, conditional on a target of this length where it is above 0."""
    options: dict[str, Any] = {**settings.model_dump(exclude=CHOICE), **net.picture}
    paper = partial(Discriminator, size=shape.size, channels=shape.channels, targets=targets, **options)
    return image_discriminator(settings, shape, paper, targets=targets)


def pixel_loss(net: NetworkSettings, source: str, loss: str = "l2") -> tuple[tuple[Tap, ...], Term]:
    """The squared error between base and image in the networks' range of pixels, and the taps that it needs.

    In [0, 1] it is a quarter of that in [-1, 1], against the same weights of the other losses. "l1": the absolute
    error in [-1, 1].
    """
    if loss == "l1":
        return (), Term("reconstruction", l1, ("base", "image"), "L1(base, image)", source)
    if net.pixel_range == "symmetric":
        return (), Term("reconstruction", l2, ("base", "image"), "L2(base, image)", source)
    taps = (Tap("base_pixels", ("base",), function=to_unit), Tap("image_pixels", ("image",), function=to_unit))
    return taps, Term("reconstruction", l2, ("base_pixels", "image_pixels"), "L2(base, image)/4", source)


def features_of(judged: DiscriminatorOutput) -> Tensor:
    """D's last convolution before its norm: h of Paper 2, Eq. 5."""
    return judged.features


def logits_of(judged: DiscriminatorOutput) -> Tensor:
    """D's logits."""
    return judged.logits


QUICK_NETWORK = NetworkSettings(width=32, hidden=(), latent=128, dropout=0.0, last_side="shortest", upsample="nearest")
"""Of the presets `quick`: fully convolutional but for one layer each, and without transposed convolutions."""
_FAST = partial(OptimiserSettings, name="adam", lr=1e-3, beta2=0.99, linear_from=0.5)
QUICK_TRAINING = TrainingSettings(
    batch=32,
    steps=2_400,
    ema=0.98,
    optimiser=_FAST(beta1=0.5),
    optimisers={"discriminator": _FAST(beta1=0.0)},
)
