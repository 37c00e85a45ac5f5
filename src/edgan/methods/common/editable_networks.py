"""The generator and the connection network of Editable GAN, shared by the modified cGAN, and the R1 penalty of D."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import torch
import torch.nn.functional as F
from pydantic import Field
from torch import Tensor, nn

from edgan.methods.base import Shape
from edgan.methods.common.image_discriminator import ImageDiscriminatorSettings, seen_taps
from edgan.methods.common.perceptual import pretrained_maps
from edgan.methods.common.r1 import R1Settings
from edgan.nets.cdnet import halvings
from edgan.nets.editable_gan import Connection, Generator, last_width
from edgan.nets.pretrained import CHANNELS
from edgan.routing import Tap
from edgan.settings import Strict


class NetworkSettings(Strict):
    """Generator, discriminator and connection network."""

    width: int = Field(64, ge=4, description="channels of G's last map at full size")
    discriminator: int = Field(64, ge=4, description="channels of D's first convolution; a classifier has half")
    connection: int = Field(1024, ge=8, description="channels of the connection network")
    connection_groups: int = Field(32, ge=1, description="groups of its group norm")
    upsample: Literal["transposed", "nearest"] = Field(
        "transposed", description="in G: transposed convolutions, or resizing followed by a convolution"
    )


class StrongR1Settings(R1Settings):
    """10 times D's squared slope at images: R1, which is half of it, with weight 20; 0 leaves the row out."""

    weight: float = Field(20.0, ge=0)
    every: int = Field(1, ge=1, description="steps between two evaluations; the weight is scaled up to match")


def feature_channels(settings: ImageDiscriminatorSettings, shape: Shape, width: int) -> int:
    """Channels of D's features; `width`: of the first convolution of the paper's."""
    return sum(CHANNELS) if settings.kind == "projected" else last_width(shape.size, width)


def generator_builder(settings: NetworkSettings, shape: Shape, latent: int, targets: int) -> Callable[[], nn.Module]:
    """A builder of G, which draws an image from a latent and a target of these lengths."""
    options: dict[str, Any] = {"width": settings.width, "latent": latent, "targets": targets}
    options["upsample"] = settings.upsample
    return lambda: Generator(size=shape.size, channels=shape.channels, **options)


@dataclass(frozen=True)
class JoinedMaps:
    """A projected discriminator's pretrained maps as one, for the connection network.

    Attributes:
        side: of the joined map in pixels.
    """

    side: int

    def __call__(self, maps: Sequence[Tensor]) -> Tensor:
        """Maps (N, C, H, W) of several sizes -> (N, sum of C, side, side); small ones repeated, large ones averaged."""
        return torch.cat([F.adaptive_avg_pool2d(each, self.side) for each in maps], 1)


def judged_with_features(
    settings: ImageDiscriminatorSettings,
    shape: Shape,
    pictures: Mapping[str, str],
    condition: Mapping[str, str] | None = None,
) -> tuple[Tap, ...]:
    """`d_KIND`, D's logits of each picture, and `features_KIND`, what the connection network reads of D.

    D may see augmented pictures. Features are always those of the pictures themselves.

    Args:
        settings: which discriminator.
        shape: of the data.
        pictures: kind -> tap: {"real": "image", "fake": "drawn"}.
        condition: kind -> tap of the attributes that D reads with it; None for an unconditional D.
    """
    changed, seen = seen_taps(settings, shape, pictures)
    taps: list[Tap] = [*changed]
    projected = settings.kind == "projected"
    joined = JoinedMaps(shape.size // 2 ** halvings(shape.size))

    def features(picture: str, name: str) -> Tap:
        if projected:
            return pretrained_maps(picture, name)
        return Tap(name, (picture,), network="discriminator", method="features")

    for kind, picture in pictures.items():
        maps = f"maps_{kind}" if projected else f"features_{kind}"
        taps.append(features(picture, maps))
        if projected:
            taps.append(Tap(f"features_{kind}", (maps,), function=joined))
        if seen[kind] != picture:
            maps = f"seen_maps_{kind}"
            taps.append(features(seen[kind], maps))
        read = (maps, *(() if condition is None else (condition[kind],)))
        taps.append(Tap(f"d_{kind}", read, network="discriminator", method="judge"))
    return tuple(taps)


def connection_builder(
    settings: NetworkSettings, shape: Shape, outputs: int, maps: tuple[int, ...], targets: int = 0
) -> Callable[[], nn.Module]:
    """A builder of CN.

    Args:
        settings: its width and groups.
        shape: of the data.
        outputs: how many numbers it gives.
        maps: channels of the features that it reads.
        targets: length of the target that it takes; 0 for none.
    """
    own: dict[str, int] = {"width": settings.connection, "groups": settings.connection_groups}
    return lambda: Connection(size=shape.size, maps=maps, targets=targets, outputs=outputs, **own)
