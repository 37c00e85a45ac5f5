"""A discriminator on fixed features: Projected GANs (Sauer, Chitta, Müller, Geiger; NeurIPS 2021).

The maps of a pretrained network are mixed across channels and scales by fixed random convolutions, and a small
spectrally normed head on each scale judges every place of its map. Only the heads learn.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import cast

import torch
import torch.nn.functional as F
from torch import Tensor, nn
from torch.nn.utils import parametrizations
from torch.nn.utils.parametrize import register_parametrization

from edgan.nets.blocks import norm_layer
from edgan.nets.pretrained import CHANNELS, SMALLEST, PretrainedFeatures

ENLARGED_BELOW = 64
"""Images with a shorter side are enlarged by 2, so that the coarsest map has more than one place."""


def smallest_side() -> int:
    """Side of the smallest images that a projected discriminator can judge."""
    return SMALLEST // 2


class ProjectedDiscriminator(nn.Module):
    """Logits of pictures from pretrained features; it can also read a source picture or a vector of attributes.

    Args:
        source_channels: channels of a source picture that the discriminator reads at each scale; 0: none.
        targets: length of a vector that it reads by projection (Miyato and Koyama 2018); 0: none.
        width: channels of the random projections and of the heads.
        norm: in the heads: "none", or "batch" as in the authors' code.

    Source: Sauer et al. 2021, Section 3: cross-channel mixing (fixed random 1x1 convolutions), cross-scale mixing
    (fixed random 3x3 convolutions, from coarse to fine), and one head a scale.
    """

    def __init__(self, *, source_channels: int = 0, targets: int = 0, width: int = 64, norm: str = "none") -> None:
        super().__init__()
        if width < 1:
            raise ValueError(f"width must be at least 1 (got {width})")
        self.pretrained = PretrainedFeatures()
        for scale, channels in enumerate(CHANNELS):
            self.register_buffer(f"mix_{scale}", _fixed(width, channels, 1))
            self.register_buffer(f"blend_{scale}", _fixed(width, width, 3))
        self.heads = nn.ModuleList(
            Head(width, source_channels, targets, halve=scale < len(CHANNELS) - 1, norm=norm)
            for scale in range(len(CHANNELS))
        )

    def forward(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """Logits for every place of every scale.

        Args:
            images: (N, 3 or 1, H, W) in [-1, 1], sides of 16 pixels or more; below 64 pixels they are enlarged by 2.
            condition: the source picture (N, source_channels, H, W), or the vector (N, targets).

        Returns:
            (N, places). Large means real.
        """
        return self.judge(self.pretrained_maps(images), condition)

    def pretrained_maps(self, images: Tensor) -> tuple[Tensor, ...]:
        """The fixed network's maps, finest first, for `judge` and for a perceptual loss from the same forward.

        Args:
            images: as `forward` takes them.

        Returns:
            (N, 24, H/4, W/4), (N, 40, H/8, W/8), (N, 112, H/16, W/16), of the enlarged images below 64 pixels.
        """
        return self.pretrained(_enlarged(images))

    def judge(self, maps: Sequence[Tensor], condition: Tensor | None = None) -> Tensor:
        """Logits from the pretrained maps.

        Args:
            maps: from `pretrained_maps`.
            condition: as `forward` takes it.

        Returns:
            (N, places). Large means real.
        """
        heads = zip(self.heads, self._mixed(maps), strict=True)
        return torch.cat([head(mixed, condition).flatten(1) for head, mixed in heads], 1)

    def features(self, images: Tensor, condition: Tensor | None = None) -> Tensor:
        """The last learned maps of all heads at the coarsest one's size: what inversion reads of a trained D.

        Args:
            images, condition: as `forward` takes them.

        Returns:
            (N, 3 * width, H/16, W/16), for enlarged images (N, 3 * width, H/8, W/8); sides rounded up.
        """
        mixed = self._mixed(self.pretrained_maps(images))
        heads = cast("list[Head]", list(self.heads))
        hidden = [head.hidden(maps, condition) for head, maps in zip(heads, mixed, strict=True)]
        side = (int(hidden[-1].shape[2]), int(hidden[-1].shape[3]))
        return torch.cat([_pooled(maps, side) for maps in hidden], 1)

    def _mixed(self, pretrained: Sequence[Tensor]) -> list[Tensor]:
        """The maps that the heads read, finest first."""
        coarser: Tensor | None = None
        mixed = []
        for scale, maps in reversed(list(enumerate(pretrained))):
            maps = F.conv2d(maps, getattr(self, f"mix_{scale}"))
            if coarser is not None:
                maps = maps + F.interpolate(coarser, size=maps.shape[-2:], mode="bilinear", align_corners=False)
            coarser = F.conv2d(maps, getattr(self, f"blend_{scale}"), padding=1)
            mixed.append(coarser)
        return mixed[::-1]


def _pooled(maps: Tensor, side: tuple[int, int]) -> Tensor:
    """Adaptive average pooling; as matrix products for ONNX, which has it only where the sides divide."""
    if not torch.onnx.is_in_onnx_export():
        return F.adaptive_avg_pool2d(maps, side)
    rows, columns = (_averages(int(maps.shape[2 + axis]), side[axis]) for axis in (0, 1))
    return rows @ maps @ columns.T


def _averages(given: int, wanted: int) -> Tensor:
    """(wanted, given): the shares of the given places in each place of adaptive average pooling."""
    shares = torch.zeros(wanted, given)
    for place in range(wanted):
        first, end = place * given // wanted, -(-(place + 1) * given // wanted)
        shares[place, first:end] = 1 / (end - first)
    return shares


class _SpectralNorm(parametrizations._SpectralNorm):
    """torch's, without power iterations on the meta device.

    A tensor there has no values, and torch computes the shapes of the iterations in Python: describing a discriminator
    took a quarter of a second, twenty times as long as building it.
    """

    def _power_method(self, weight_mat: Tensor, n_power_iterations: int) -> None:
        if not weight_mat.is_meta:
            super()._power_method(weight_mat, n_power_iterations)


def _normed(layer: nn.Conv2d | nn.Linear) -> nn.Conv2d | nn.Linear:
    """The layer with spectral norm, as `torch.nn.utils.parametrizations.spectral_norm` returns it."""
    register_parametrization(layer, "weight", _SpectralNorm(layer.weight))
    return layer


class Head(nn.Module):
    """Judges every place of one map.

    Args:
        width: channels of the map and of the head.
        source_channels: of a source picture, averaged down to the map's size and read beside it; 0: none.
        targets: length of a vector whose embedding is multiplied with the head's last map; 0: none.
        halve: whether the first convolution halves the map.
        norm: after both convolutions, which then have no bias; "none" leaves it out.
    """

    def __init__(self, width: int, source_channels: int, targets: int, halve: bool, norm: str) -> None:
        super().__init__()
        kernel, stride = (4, 2) if halve else (3, 1)
        self.body = nn.Sequential(
            *_judging(width + source_channels, width, kernel, stride, norm), *_judging(width, width, 3, 1, norm)
        )
        self.logit = _normed(nn.Conv2d(width, 1, 3, 1, 1))
        self.embedding = _normed(nn.Linear(targets, width, bias=False)) if targets else None
        self.reads_source = source_channels > 0

    def hidden(self, maps: Tensor, condition: Tensor | None) -> Tensor:
        """The last map before the logits: (N, width, h, w) and the condition -> (N, width, h', w')."""
        if self.reads_source:
            if condition is None:
                raise ValueError("this discriminator needs a source picture (N, C, H, W)")
            maps = torch.cat([maps, F.adaptive_avg_pool2d(condition, (maps.shape[2], maps.shape[3]))], 1)
        return self.body(maps)

    def forward(self, maps: Tensor, condition: Tensor | None) -> Tensor:
        """(N, width, h, w) and the condition -> (N, 1, h', w')."""
        hidden = self.hidden(maps, condition)
        logits: Tensor = self.logit(hidden)
        if self.embedding is None:
            return logits
        if condition is None:
            raise ValueError("this discriminator needs a vector of attributes (N, A)")
        weights = self.embedding(condition)[:, :, None, None]
        return logits + (hidden * weights).sum(1, keepdim=True) / math.sqrt(hidden.shape[1])


def _judging(inputs: int, outputs: int, kernel: int, stride: int, norm: str) -> list[nn.Module]:
    """A convolution, its norm and its activation. A bias before a norm would be taken away again."""
    convolution = _normed(nn.Conv2d(inputs, outputs, kernel, stride, 1, bias=norm == "none"))
    return [convolution, *(() if norm == "none" else (norm_layer(norm, outputs),)), nn.LeakyReLU(0.2)]


def _enlarged(images: Tensor) -> Tensor:
    if min(images.shape[-2:]) >= ENLARGED_BELOW:
        return images
    return F.interpolate(images, scale_factor=2, mode="bilinear", align_corners=False)


def _fixed(outputs: int, inputs: int, kernel: int) -> Tensor:
    """Random weights of a projection that never learns, drawn from torch's global random state (Kaiming uniform)."""
    weight = torch.empty(outputs, inputs, kernel, kernel)
    nn.init.kaiming_uniform_(weight, a=math.sqrt(5))
    return weight.contiguous(memory_format=torch.channels_last)
