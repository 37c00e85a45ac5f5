"""The pictures that a model makes of its inputs."""

from __future__ import annotations

from typing import NamedTuple

from PIL import Image
from torch import Tensor

from edgan.models.pixels import to_images


class Reconstruction(NamedTuple):
    """Pictures of a model, each (N, C, H, W). `base` and `output` lie in [-1, 1] or slightly outside.

    Attributes:
        base: the encoder-decoder's picture.
        residual: the detail that the GAN adds.
        output: base + residual.
    """

    base: Tensor
    residual: Tensor
    output: Tensor

    def with_strength(self, strength: float) -> Reconstruction:
        """The same with the residual multiplied by a factor: 0 gives the base alone, 1 the method's own output."""
        residual = strength * self.residual
        return Reconstruction(self.base, residual, self.base + residual)

    def as_pil(self) -> PilReconstruction:
        """The same as Pillow images, as they are saved: clipped, and the residual on a signed scale."""
        return PilReconstruction(*(to_images(picture) for picture in self))


class PilReconstruction(NamedTuple):
    """The pictures of a `Reconstruction` as N Pillow images each, grey or RGB.

    Attributes:
        base: the encoder-decoder's picture.
        residual: the detail that the GAN adds; mid-grey is a residual of 0.
        output: their sum.
    """

    base: list[Image.Image]
    residual: list[Image.Image]
    output: list[Image.Image]


def error_map(made: Tensor, images: Tensor) -> Tensor:
    """How far pictures are from images, pixel by pixel.

    Args:
        made, images: (N, C, H, W) in [-1, 1]; other values of `made` are clipped, as they are when saved.

    Returns:
        (N, 1, H, W) in [-1, 1]: -1 where they are equal, 1 where the mean over the channels differs by a quarter of the
        range or more.
    """
    difference = (made.clamp(-1, 1) - images).abs().mean(1, keepdim=True)
    return (4.0 * difference - 1.0).clamp(max=1.0)
