"""The networks of GRIT and their settings."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Literal

from pydantic import Field
from torch import nn

from edgan.methods.base import Shape
from edgan.methods.common.image_discriminator import CHOICE, image_discriminator
from edgan.methods.common.pair_discriminator import PatchSettings
from edgan.nets.grit import ContentEncoder, Head, StyleEncoder, Trunk, noise_shapes
from edgan.nets.pair_discriminators import PatchDiscriminator
from edgan.settings import Strict

DRAWS_BASE = ("content_encoder", "style_encoder", "trunk", "base_head")


class NetworkSettings(Strict):
    """Content encoder, style encoder, trunk and heads."""

    width: int = Field(32, description="channels at full size; they double at each of three halvings")
    max_width: int = Field(256, description="no layer is wider")
    residual_blocks: int = Field(4, ge=0, description="of the content encoder, at its coarsest scale")
    norm: Literal["instance", "pixel"] = Field("instance", description="instance: AdaIN; pixel: quicker in tiles")
    init: Literal["dcgan", "he", "torch"] = "he"


def network_builders(
    net: NetworkSettings, discriminator: PatchSettings, style: int, shape: Shape
) -> dict[str, Callable[[], nn.Module]]:
    """Builders of the networks, by column; `style` is the length of the style latent.

    Raises:
        UsageError: a size that the networks cannot have.
    """
    noise_shapes(shape.size)
    widths: dict[str, Any] = {"width": net.width, "max_width": net.max_width, "init": net.init}
    content: dict[str, Any] = {"residual_blocks": net.residual_blocks, "norm": net.norm}
    head: dict[str, Any] = {"width": net.width, "outputs": shape.channels, "init": net.init}
    pair: dict[str, Any] = {"size": shape.size, "inputs": shape.source_channels + shape.channels}

    def by_patches() -> nn.Module:
        return PatchDiscriminator(**pair, **discriminator.model_dump(exclude=CHOICE))

    def trunk() -> nn.Module:
        return Trunk(**widths, style=style, norm=net.norm)

    return {
        "content_encoder": lambda: ContentEncoder(**widths, **content, inputs=shape.source_channels),
        "style_encoder": lambda: StyleEncoder(**widths, inputs=shape.channels, style=style),
        "trunk": trunk,
        "residual_trunk": trunk,
        "base_head": lambda: Head(**head),
        "residual_head": lambda: Head(**head, output_gain=0.0),
        "discriminator": image_discriminator(discriminator, shape, by_patches, shape.source_channels),
    }
