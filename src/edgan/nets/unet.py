"""The U-Net of Pix2Pix: an encoder-decoder with a skip connection at every scale.

Image-to-Image Translation with Conditional Adversarial Networks (Isola, Zhu, Zhou, Efros; CVPR 2017; arXiv 1611.07004),
appendix 6.1. Paper 1 ("Decoupled Learning for Conditional Adversarial Networks", Section 4.2.1) takes the same network
as its encoder-decoder and once more as the generator; its released code has 5 x 5 kernels in place of 4 x 4.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.nets.blocks import initialise, norm_layer, upsampling

SIZES = (32, 64, 128, 256, 512)
DROPPED = 3
"""Number of innermost decoder layers that have dropout (Isola et al., appendix 6.1.1)."""
RESIZED = 3
"""Side of the kernels of resize-convolutions and of the layer at full size."""


def unet_channels(size: int, width: int, max_width: int) -> list[int]:
    """Channels after each stride-2 layer, from the full size down to one pixel.

    Returns:
        `[64, 128, 256, 512, 512, 512, 512, 512]` for size 256, width 64, max_width 512.

    Raises:
        UsageError: a size or a width that the network cannot have.
    """
    if size not in SIZES:
        sizes = ", ".join(map(str, SIZES))
        raise UsageError(f"size must be one of {sizes} (got {size}): a U-Net halves a picture down to one pixel.")
    if not 4 <= width <= max_width:
        raise UsageError(f"width must be at least 4 and at most max_width (got width={width}, max_width={max_width}).")
    return [min(width * 2**layer, max_width) for layer in range(size.bit_length() - 1)]


def dropout_draws(size: int, width: int, max_width: int) -> int:
    """Length of the noise of one picture: one number for each unit that dropout may drop."""
    channels = unet_channels(size, width, max_width)[-2::-1][:DROPPED]
    return sum(count * 4 ** (layer + 1) for layer, count in enumerate(channels))


class UNet(nn.Module):
    """Picture to picture: `(N, inputs, size, size)` in [-1, 1] to `(N, outputs, size, size)` in (-1, 1).

    Dropout is the only noise of Pix2Pix, in training and in inference (Isola et al., Section 3.1). Here its random
    numbers are an input, so that a picture's noise does not depend on its batch and can be repeated.

    Args:
        size: 32, 64, 128, 256 or 512 pixels.
        inputs, outputs: channels.
        width, max_width: channels of the first layer and of the widest (64 and 512 in the paper).
        kernel: 4 in Pix2Pix, 5 in Paper 1's released code.
        norm: "instance", "group" or "none"; "batch" is Pix2Pix's, without running statistics, which for
            a batch of 1 is the same as "instance". The outermost and innermost layers have none.
        dropout: probability with which a unit of the three innermost decoder layers is dropped; 0 needs no noise.
        init: "dcgan", "he" or "torch"; see `blocks.initialise`.
        upsample: "transposed", Pix2Pix's, or 3 x 3 resize-convolutions, "nearest" or "bilinear".
        full_size: whether a last layer at full size reads the source again, so that its edges stay sharp.

    Raises:
        UsageError: an option that the network cannot have.
    """

    def __init__(
        self,
        *,
        size: int,
        inputs: int = 3,
        outputs: int = 3,
        width: int = 64,
        max_width: int = 512,
        kernel: int = 4,
        norm: str = "instance",
        dropout: float = 0.5,
        init: str = "dcgan",
        upsample: str = "transposed",
        full_size: bool = False,
    ) -> None:
        super().__init__()
        ladder = unet_channels(size, width, max_width)
        norm = "batch-stateless" if norm == "batch" else norm
        self.dropout = dropout
        last = len(ladder) - 1
        self.downs = nn.ModuleList(
            nn.Sequential(
                nn.Conv2d(a, b, kernel, stride=2, padding=(kernel - 1) // 2),
                norm_layer("none" if layer in (0, last) else norm, b),
            )
            for layer, (a, b) in enumerate(pairwise([inputs, *ladder]))
        )
        up = ladder[::-1]
        widen: dict[str, Any] = {"kernel": kernel if upsample == "transposed" else RESIZED, "upsample": upsample}
        self.ups = nn.ModuleList(
            nn.Sequential(upsampling(a if layer == 0 else 2 * a, b, **widen), norm_layer(norm, b))
            for layer, (a, b) in enumerate(pairwise(up))
        )
        self.full_size: nn.Module | None = None
        self.output: nn.Module
        if full_size:
            self.full_size = nn.Sequential(upsampling(2 * ladder[0], ladder[0], **widen), norm_layer(norm, ladder[0]))
            self.output = nn.Conv2d(ladder[0] + inputs, outputs, RESIZED, padding=RESIZED // 2)
        else:
            self.output = upsampling(2 * ladder[0], outputs, **widen)
        initialise(self, init)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, source: Tensor, noise: Tensor | None = None) -> Tensor:
        """Translate.

        Args:
            source: (N, inputs, size, size) in [-1, 1].
            noise: (N, `dropout_draws`) in [0, 1), uniform; only where `dropout` is above 0.

        Returns:
            (N, outputs, size, size) in (-1, 1).
        """
        maps = source.contiguous(memory_format=torch.channels_last)
        skips = []
        for layer, down in enumerate(self.downs):
            maps = down(maps if layer == 0 else F.leaky_relu(maps, 0.2))
            skips.append(maps)
        skips.pop()
        used = 0
        for layer, up in enumerate(self.ups):
            maps = up(F.relu(maps))
            if layer < DROPPED and self.dropout:
                assert noise is not None
                draws = noise[:, used : used + maps[0].numel()].view(maps.shape)
                used += maps[0].numel()
                maps = maps * (draws >= self.dropout) / (1.0 - self.dropout)
            maps = torch.cat([maps, skips.pop()], dim=1)
        maps = F.relu(maps)
        if self.full_size is not None:
            maps = torch.cat([F.leaky_relu(self.full_size(maps), 0.2), source], dim=1)
        return torch.tanh(self.output(maps))
