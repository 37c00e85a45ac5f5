"""The networks of GRIT: content encoder, style encoder, a trunk of styled upsampling blocks, image heads.

Source: Paper 4, whose text names the networks but not their sizes. The sizes follow its authors' code
for the method before it (StEP, Meshry et al. 2021): three halvings, residual blocks at the coarsest scale, skips from
the content encoder to the trunk, a style of 8 numbers. Every network but the style encoder is convolutional
throughout, so a picture of any size that is a multiple of 8 can go through it.
"""

from __future__ import annotations

from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.nets.blocks import down_block, initialise
from edgan.nets.styled import StyledBlock, plain_norm

HALVINGS = 3
LEAST, MOST = 32, 512


def widths(width: int, max_width: int) -> list[int]:
    """Channels at full size and after each halving.

    Raises:
        UsageError: width is out of range.
    """
    if not 4 <= width <= max_width:
        raise UsageError(f"width must be at least 4 and at most max_width (got width={width}, max_width={max_width}).")
    return [min(width * 2**level, max_width) for level in range(HALVINGS + 1)]


def noise_shapes(size: int) -> tuple[tuple[int, int, int], ...]:
    """Shapes of the noise of one picture that a trunk reads: a map for each upsampling block, the coarsest first.

    Raises:
        UsageError: the size is out of range or cannot be halved that many times.
    """
    if size % 2**HALVINGS or not LEAST <= size <= MOST:
        raise UsageError(f"size must be a multiple of {2**HALVINGS} from {LEAST} to {MOST} (got {size}).")
    sides = [size // 2**level for level in reversed(range(HALVINGS))]
    return tuple((1, side, side) for side in sides)


class ContentEncoder(nn.Module):
    """Source to maps at four scales.

    Args:
        inputs: channels of the source.
        width, max_width: channels at full size and at most.
        residual_blocks: at the coarsest scale.
        norm: "instance" or "pixel".
        init: see `blocks.initialise`.
    """

    def __init__(
        self,
        *,
        inputs: int = 3,
        width: int = 32,
        max_width: int = 256,
        residual_blocks: int = 4,
        norm: str = "instance",
        init: str = "he",
    ) -> None:
        super().__init__()
        ladder = widths(width, max_width)
        self.first = _block(inputs, ladder[0], kernel=5, stride=1, norm=norm)
        self.downs = nn.ModuleList(_block(a, b, kernel=3, stride=2, norm=norm) for a, b in pairwise(ladder))
        self.residual = nn.ModuleList(
            nn.Sequential(
                _block(ladder[-1], ladder[-1], kernel=3, stride=1, norm=norm),
                nn.Conv2d(ladder[-1], ladder[-1], 3, padding=1),
            )
            for _ in range(residual_blocks)
        )
        initialise(self, init)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, source: Tensor) -> tuple[Tensor, ...]:
        """(N, inputs, S, S) in [-1, 1] to maps of sides S, S/2, S/4 and S/8."""
        maps = [self.first(source.contiguous(memory_format=torch.channels_last))]
        for down in self.downs:
            maps.append(down(maps[-1]))
        coarse = maps.pop()
        for block in self.residual:
            coarse = coarse + 0.5 * block(coarse)
        return (*maps, coarse)


class StyleEncoder(nn.Module):
    """Picture to the posterior of its style.

    Args:
        inputs: channels of the picture.
        width, max_width: channels of the first layer and of the widest.
        style: length of the style.
        init: see `blocks.initialise`.
    """

    def __init__(
        self, *, inputs: int = 3, width: int = 32, max_width: int = 256, style: int = 8, init: str = "he"
    ) -> None:
        super().__init__()
        ladder = [inputs, *widths(width, max_width)]
        blocks = [down_block(a, b, kernel=4, norm="none", activation="leaky") for a, b in pairwise(ladder)]
        self.layers = nn.Sequential(*blocks)
        self.posterior = nn.Linear(ladder[-1], 2 * style)
        initialise(self, init)
        nn.init.normal_(self.posterior.weight, 0.0, 0.01)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, picture: Tensor) -> Tensor:
        """(N, inputs, S, S) in [-1, 1] to (N, 2 style): mean and log variance."""
        return self.posterior(self.layers(picture.contiguous(memory_format=torch.channels_last)).mean((2, 3)))


class Trunk(nn.Module):
    """Content maps, a style and noise to the maps that a head turns into a picture.

    Args:
        width, max_width: those of the content encoder.
        style: length of the style.
        norm: "instance" (AdaIN) or "pixel".
        init: see `blocks.initialise`.
    """

    def __init__(
        self, *, width: int = 32, max_width: int = 256, style: int = 8, norm: str = "instance", init: str = "he"
    ) -> None:
        super().__init__()
        ladder = widths(width, max_width)[::-1]
        self.coarse = StyledBlock(ladder[0], ladder[0], style=style, upsample=False, norm=norm)
        self.ups = nn.ModuleList(StyledBlock(a, b, style=style, skip=True, norm=norm) for a, b in pairwise(ladder))
        initialise(self, init)
        for block in (self.coarse, *self.ups):
            nn.init.normal_(block.affine.weight, 0.0, 0.1)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, content: tuple[Tensor, ...], style: Tensor, *noise: Tensor) -> Tensor:
        """Draw.

        Args:
            content: from `ContentEncoder`.
            style: (N, style).
            noise: a map for each upsampling block, of the shapes `noise_shapes`; without noise the result depends on
                content and style alone.

        Returns:
            (N, width, S, S).
        """
        *skips, maps = content
        maps = self.coarse(maps, style)
        noises = noise or (None,) * len(self.ups)
        for up, skip, grain in zip(self.ups, reversed(skips), noises, strict=True):
            maps = up(maps, style, grain, skip)
        return maps


class Head(nn.Module):
    """A trunk's maps to a picture in (-1, 1).

    Args:
        width: of the trunk.
        outputs: channels of the picture.
        output_gain: scale of the initial output weights; 0 starts at a picture of 0.
        init: see `blocks.initialise`.
    """

    def __init__(self, *, width: int = 32, outputs: int = 3, output_gain: float = 0.1, init: str = "he") -> None:
        super().__init__()
        self.layer = nn.Conv2d(width, width, 3, padding=1)
        self.output = nn.Conv2d(width, outputs, 3, padding=1)
        initialise(self, init)
        with torch.no_grad():
            self.output.weight.mul_(output_gain)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, maps: Tensor) -> Tensor:
        """(N, width, S, S) to (N, outputs, S, S)."""
        return torch.tanh(self.output(F.leaky_relu(self.layer(maps), 0.2)))


def _block(inputs: int, outputs: int, *, kernel: int, stride: int, norm: str) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=kernel // 2)
    return nn.Sequential(conv, nn.LeakyReLU(0.2), plain_norm(norm, outputs))
