"""Upsampling blocks with a style from a vector and fine detail from noise.

Source: Paper 4 (GRIT), whose upsampling block styles its maps through AdaIN (Huang and Belongie 2017) by an encoded
latent and adds random noise, as StyleGAN's does (Karras et al. 2019, Section 2 and Fig. 1b).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.nets.blocks import ResizeConv2d, named


class PixelNorm(nn.Module):
    """Each pixel's features divided by their root mean square (Karras et al. 2018, Section 4.2).

    The result at a pixel does not depend on distant pixels, so a picture can be processed in tiles.
    """

    def forward(self, maps: Tensor) -> Tensor:
        """`(N, C, H, W)` to the same shape."""
        return maps * torch.rsqrt(maps.square().mean(1, keepdim=True) + 1e-8)


STRENGTH = 0.1
"""Initial strength of the noise. At 0, z and -z give the same loss, so its gradient is 0 on average."""

_NORMS: Mapping[str, Callable[[int], nn.Module]] = {
    "instance": lambda channels: nn.InstanceNorm2d(channels),
    "pixel": lambda _: PixelNorm(),
}


def plain_norm(name: str, channels: int) -> nn.Module:
    """A norm without weights: "instance", as in AdaIN, or "pixel"."""
    return named("norm", name, _NORMS)(channels)


class StyledBlock(nn.Module):
    """Upsampling, noise, activation, norm, and the style's scale and shift.

    Args:
        inputs, outputs: channels.
        style: length of the style vector.
        skip: whether an encoder's maps are added to the upsampled ones.
        upsample: whether the sides double; otherwise the size stays and the block takes no noise.
        norm: "instance" (AdaIN) or "pixel".
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        style: int,
        skip: bool = False,
        upsample: bool = True,
        norm: str = "instance",
    ) -> None:
        super().__init__()
        self.change = ResizeConv2d(inputs, outputs, 3) if upsample else nn.Conv2d(inputs, outputs, 3, padding=1)
        self.merge = nn.Conv2d(outputs, outputs, 3, padding=1) if skip else None
        self.strength = nn.Parameter(torch.full((outputs,), STRENGTH)) if upsample else None
        self.norm = plain_norm(norm, outputs)
        self.affine = nn.Linear(style, 2 * outputs)

    def forward(self, maps: Tensor, style: Tensor, noise: Tensor | None = None, skip: Tensor | None = None) -> Tensor:
        """Style maps.

        Args:
            maps: (N, inputs, H, W).
            style: (N, S).
            noise: (N, 1, 2H, 2W), N(0, 1), added to each channel with a learnt strength; None adds nothing.
            skip: (N, outputs, 2H, 2W), where the block has a skip.

        Returns:
            (N, outputs, 2H, 2W); (N, outputs, H, W) without upsampling.
        """
        maps = self.change(maps)
        if self.merge is not None:
            assert skip is not None
            maps = self.merge(F.leaky_relu(maps + skip, 0.2))
        if noise is not None:
            assert self.strength is not None
            maps = maps + self.strength[:, None, None] * noise
        scale, shift = self.affine(style)[:, :, None, None].chunk(2, dim=1)
        return self.norm(F.leaky_relu(maps, 0.2)) * (1.0 + scale) + shift
