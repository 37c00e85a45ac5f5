"""The generator and the connection network of Editable GAN, shared by the modified cGAN, and the R1 penalty of D."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic import Field
from torch import nn

from edgan.methods.base import Shape
from edgan.methods.common.r1 import R1Settings
from edgan.nets.editable_gan import Connection, Generator, last_width
from edgan.settings import Strict


class NetworkSettings(Strict):
    """Generator, discriminator and connection network."""

    width: int = Field(64, ge=4, description="channels of G's last map at full size")
    discriminator: int = Field(64, ge=4, description="channels of D's first convolution; a classifier has half")
    connection: int = Field(1024, ge=8, description="channels of the connection network")
    connection_groups: int = Field(32, ge=1, description="groups of its group norm")


class StrongR1Settings(R1Settings):
    """10 times D's squared slope at images: R1, which is half of it, with weight 20; 0 leaves the row out."""

    weight: float = Field(20.0, ge=0)
    every: int = Field(1, ge=1, description="steps between two evaluations; the weight is scaled up to match")


def generator_builder(settings: NetworkSettings, shape: Shape, latent: int, targets: int) -> Callable[[], nn.Module]:
    """A builder of G, which draws an image from a latent and a target of these lengths."""
    options: dict[str, Any] = {"width": settings.width, "latent": latent, "targets": targets}
    return lambda: Generator(size=shape.size, channels=shape.channels, **options)


def connection_builder(
    settings: NetworkSettings, shape: Shape, outputs: int, widths: tuple[int, ...], targets: int = 0
) -> Callable[[], nn.Module]:
    """A builder of CN.

    Args:
        settings: its width and groups.
        shape: of the data.
        outputs: how many numbers it gives.
        widths: of the networks whose last features it reads.
        targets: length of the target that it takes; 0 for none.
    """
    maps = tuple(last_width(shape.size, width) for width in widths)
    own: dict[str, int] = {"width": settings.connection, "groups": settings.connection_groups}
    return lambda: Connection(size=shape.size, maps=maps, targets=targets, outputs=outputs, **own)
