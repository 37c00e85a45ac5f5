"""Discriminators of pairs of source and picture.

The patch one is that of Pix2Pix (Isola et al., CVPR 2017, arXiv 1611.07004, appendix 6.1.2), the global one that of
Paper 1's released code (ZZUTK/Decoupled-Learning-Conditional-GAN, model.py). Both concatenate source and
picture.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.nets.blocks import activation_layer, down_block, initialise, norm_layer
from edgan.nets.unet import unet_channels

PATCHES = {1: 16, 2: 34, 3: 70}
"""Stride-2 layers to the side of the patch, in pixels, that one logit sees."""


def patch_layers(size: int) -> int:
    """Stride-2 layers for a picture's size: 3 (70 x 70 patches, as in the paper) from 128 px on, fewer below."""
    return 3 if size >= 128 else 2 if size >= 64 else 1


class PatchDiscriminator(nn.Module):
    """A logit for every overlapping patch of a pair: 70 x 70 pixels with three layers of stride 2.

    Args:
        size: of the pictures, in pixels.
        inputs: channels of picture and source together.
        width, max_width: channels of the first layer and of the widest (64, 512).
        layers: of stride 2: 1 (16 x 16 patches), 2 (34 x 34) or 3 (70 x 70); None chooses by size.
        kernel: 4; 5 also works, with patches that are larger.
        norm: "batch", without running statistics, so that real and fake are normalised separately; "instance",
            "group" or "none". The first layer has none.
        init: "dcgan", "he" or "torch".

    Raises:
        UsageError: an option that the network cannot have.
    """

    def __init__(
        self,
        *,
        size: int,
        inputs: int = 6,
        width: int = 64,
        max_width: int = 512,
        layers: int | None = None,
        kernel: int = 4,
        norm: str = "batch",
        init: str = "dcgan",
    ) -> None:
        super().__init__()
        layers = patch_layers(size) if layers is None else layers
        if layers not in PATCHES:
            raise UsageError(f"layers must be one of {', '.join(map(str, PATCHES))} (got {layers}).")
        ladder = unet_channels(size, width, max_width)[: layers + 1]
        norm = "batch-stateless" if norm == "batch" else norm
        blocks = [down_block(inputs, ladder[0], kernel=kernel, norm="none", activation="leaky")]
        for a, b in pairwise(ladder[:layers]):
            blocks.append(down_block(a, b, kernel=kernel, norm=norm, activation="leaky"))
        padding = (kernel - 1) // 2
        last = nn.Conv2d(ladder[layers - 1], ladder[layers], kernel, padding=padding)
        blocks.append(nn.Sequential(last, norm_layer(norm, ladder[layers]), activation_layer("leaky")))
        self.layers = nn.Sequential(*blocks)
        self.logits = nn.Conv2d(ladder[layers], 1, kernel, padding=padding)
        initialise(self, init)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def features(self, picture: Tensor, source: Tensor) -> Tensor:
        """The last maps before the logits, (N, C, h, w)."""
        return self.layers(_together(picture, source))

    def forward(self, picture: Tensor, source: Tensor) -> Tensor:
        """Picture and source, each (N, C, size, size), to logits (N, 1, h, w): log-odds of being real."""
        return self.logits(self.features(picture, source))


class GlobalDiscriminator(nn.Module):
    """One logit for a whole pair, as in Paper 1's released code: 64, 128, 256 with stride 2, 512 with stride 1, linear.

    Args:
        size: of the pictures, in pixels.
        inputs: channels of picture and source together.
        width, max_width: channels of the first layer and of the widest (64, 512).
        kernel: 5 in the released code.
        norm: as in `PatchDiscriminator`.
        init: "dcgan", "he" or "torch".

    Raises:
        UsageError: an option that the network cannot have.
    """

    def __init__(
        self,
        *,
        size: int,
        inputs: int = 6,
        width: int = 64,
        max_width: int = 512,
        kernel: int = 5,
        norm: str = "batch",
        init: str = "dcgan",
    ) -> None:
        super().__init__()
        a, b, c, d = unet_channels(size, width, max_width)[:4]
        norm = "batch-stateless" if norm == "batch" else norm
        last = nn.Conv2d(c, d, kernel, padding=(kernel - 1) // 2)
        self.layers = nn.Sequential(
            down_block(inputs, a, kernel=kernel, norm="none", activation="leaky"),
            down_block(a, b, kernel=kernel, norm=norm, activation="leaky"),
            down_block(b, c, kernel=kernel, norm=norm, activation="leaky"),
            nn.Sequential(last, norm_layer(norm, d), activation_layer("leaky")),
        )
        side = size // 8 - (1 if kernel % 2 == 0 else 0)  # an even kernel of stride 1 shrinks the map by one pixel
        self.logit = nn.Linear(d * side**2, 1)
        initialise(self, init)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, picture: Tensor, source: Tensor) -> Tensor:
        """Picture and source, each (N, C, size, size), to logits (N,): log-odds of being real."""
        return self.logit(self.layers(_together(picture, source)).flatten(1)).squeeze(1)


def _together(picture: Tensor, source: Tensor) -> Tensor:
    return torch.cat([source, picture], dim=1).contiguous(memory_format=torch.channels_last)
