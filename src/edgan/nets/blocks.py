"""The blocks that convolutional encoders, decoders and discriminators are made of.

Every block maps `(N, C, H, W)` to `(N, C', H', W')`. Activations work in place and networks keep their weights in
channels_last order: on two CPU cores a small network spends most of its time in element-wise passes, not in matrix
products.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import TypeVar

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.errors import UsageError, near_miss

_T = TypeVar("_T")

_NORMS: Mapping[str, Callable[[int], nn.Module]] = {
    "batch": lambda channels: nn.BatchNorm2d(channels),
    "batch-stateless": lambda channels: nn.BatchNorm2d(channels, track_running_stats=False),
    "instance": lambda channels: nn.InstanceNorm2d(channels, affine=True),
    "group": lambda channels: nn.GroupNorm(math.gcd(8, channels), channels),
    "none": lambda channels: nn.Identity(),
}
_ACTIVATIONS: Mapping[str, Callable[[], nn.Module]] = {
    "relu": lambda: nn.ReLU(inplace=True),
    "leaky": lambda: nn.LeakyReLU(0.2, inplace=True),
    "none": nn.Identity,
}
_INTERPOLATIONS: Mapping[str, list[float]] = {"nearest": [1.0, 1.0], "bilinear": [0.5, 1.0, 0.5]}
_KERNELS = range(3, 8)


def named(option: str, name: str, choices: Mapping[str, _T]) -> _T:
    """Look up the value of a network option.

    Raises:
        UsageError: there is no such value.
    """
    if name not in choices:
        raise UsageError(f"{option} cannot be {name!r}. {near_miss(name, choices)}")
    return choices[name]


def norm_layer(name: str, channels: int) -> nn.Module:
    """A normalisation of maps `(N, channels, H, W)`, or an identity for "none".

    "batch" keeps running statistics for evaluation. "batch-stateless" uses the batch's statistics in training and in
    evaluation, so that a discriminator's statistics of real and fake do not mix. "group" has 8 groups.
    """
    return named("norm", name, _NORMS)(channels)


def vector_norm(name: str, channels: int, side: int) -> nn.Module:
    """A normalisation of vectors `(N, side*side*channels)` that `vector_to_maps` turns into maps.

    The batch norms work on each feature of the vector; the others work on the maps.
    """
    if name in ("batch", "batch-stateless"):
        return nn.BatchNorm1d(side * side * channels, track_running_stats=name == "batch")
    norm = norm_layer(name, channels)
    return norm if name == "none" else _OnMaps(norm, channels, side)


class _OnMaps(nn.Module):
    """A layer for maps, applied to vectors."""

    def __init__(self, layer: nn.Module, channels: int, side: int) -> None:
        super().__init__()
        self.layer, self.channels, self.side = layer, channels, side

    def forward(self, vector: Tensor) -> Tensor:
        return maps_to_vector(self.layer(vector_to_maps(vector, self.channels, self.side)))


def activation_layer(name: str) -> nn.Module:
    """An in-place activation: "relu", "leaky" (slope 0.2) or "none"."""
    return named("activation", name, _ACTIVATIONS)()


def down_block(inputs: int, outputs: int, *, kernel: int, norm: str, activation: str = "relu") -> nn.Sequential:
    """Convolution with stride 2, norm, activation: `(N, inputs, H, W)` to `(N, outputs, H/2, W/2)`, H and W even."""
    _check_kernel(kernel)
    conv = nn.Conv2d(inputs, outputs, kernel, stride=2, padding=(kernel - 1) // 2)
    return nn.Sequential(conv, norm_layer(norm, outputs), activation_layer(activation))


def up_block(
    inputs: int, outputs: int, *, kernel: int, norm: str, upsample: str, activation: str = "relu"
) -> nn.Sequential:
    """`upsampling`, then norm and activation: `(N, inputs, H, W)` to `(N, outputs, 2H, 2W)`."""
    return nn.Sequential(
        upsampling(inputs, outputs, kernel=kernel, upsample=upsample),
        norm_layer(norm, outputs),
        activation_layer(activation),
    )


def same_block(inputs: int, outputs: int, *, kernel: int, norm: str, activation: str = "relu") -> nn.Sequential:
    """Convolution with stride 1, norm, activation: `(N, inputs, H, W)` to `(N, outputs, H, W)`."""
    _check_kernel(kernel)
    conv = nn.Conv2d(inputs, outputs, kernel, padding="same")
    return nn.Sequential(conv, norm_layer(norm, outputs), activation_layer(activation))


def upsampling(inputs: int, outputs: int, *, kernel: int, upsample: str) -> nn.Module:
    """A layer that doubles a map's sides: `(N, inputs, H, W)` to `(N, outputs, 2H, 2W)`.

    Args:
        kernel: 3 to 7; odd for "nearest" and "bilinear".
        upsample: "transposed" convolution with stride 2 (Paper 1, Table 1), whose odd kernels print a checkerboard;
            "nearest" or "bilinear" interpolation followed by a convolution, which do not (Odena et al. 2016,
            Distill).

    Raises:
        UsageError: an unknown name or a kernel that the layer cannot have.
    """
    _check_kernel(kernel)
    if upsample == "transposed":
        padding = (kernel - 1) // 2
        return nn.ConvTranspose2d(inputs, outputs, kernel, stride=2, padding=padding, output_padding=kernel % 2)
    named("upsample", upsample, {"transposed": None, **_INTERPOLATIONS})
    return ResizeConv2d(inputs, outputs, kernel, mode=upsample)


class ResizeConv2d(nn.Module):
    """Interpolation by 2, then a convolution (Odena et al. 2016): `(N, inputs, H, W)` to `(N, outputs, 2H, 2W)`.

    Interpolation is itself a transposed convolution with a fixed kernel, so the two steps are one transposed
    convolution whose kernel is the weight convolved with that fixed one. It is computed that way: the large map in
    between is never made, and a 3 x 3 weight costs 4 ("nearest") or 6.25 ("bilinear") products per output pixel and
    channel pair instead of 9 and an interpolation. "bilinear" keeps the samples and inserts their means between them.
    Outside the border the map is 0, for the interpolation too.

    Args:
        inputs, outputs: channels.
        kernel: an odd size.
        mode: "nearest" or "bilinear".
    """

    def __init__(self, inputs: int, outputs: int, kernel: int, *, mode: str = "bilinear") -> None:
        if kernel % 2 == 0:
            raise UsageError(
                f"kernel must be odd for upsample {mode!r} (got {kernel}): an even kernel shifts by half a pixel."
            )
        super().__init__()
        self.inputs, self.outputs, self.kernel = inputs, outputs, kernel
        bound = 1 / math.sqrt(inputs * kernel**2)
        self.weight = nn.Parameter(torch.empty(inputs, outputs, kernel, kernel).uniform_(-bound, bound))
        self.bias = nn.Parameter(torch.empty(outputs).uniform_(-bound, bound))
        taps = torch.tensor(named("upsample", mode, _INTERPOLATIONS))
        rows = torch.stack([F.pad(taps, (i, kernel - 1 - i)) for i in range(kernel)], dim=1)
        self.long = rows.shape[0]
        self.register_buffer("spread", torch.kron(rows, rows), persistent=False)
        self.spread: Tensor

    def forward(self, maps: Tensor) -> Tensor:
        """`maps (N, inputs, H, W)` to `(N, outputs, 2H, 2W)`."""
        short = self.weight.permute(0, 2, 3, 1).flatten(1, 2)
        long = (self.spread @ short).view(self.inputs, self.long, self.long, self.outputs).permute(0, 3, 1, 2)
        return F.conv_transpose2d(
            maps, long, self.bias, stride=2, padding=(self.long - 1) // 2, output_padding=self.long % 2
        )


def maps_to_vector(maps: Tensor) -> Tensor:
    """`(N, C, H, W)` to `(N, H*W*C)`, without a copy when the maps are channels_last."""
    return maps.permute(0, 2, 3, 1).flatten(1)


def vector_to_maps(vector: Tensor, channels: int, side: int) -> Tensor:
    """`(N, side*side*channels)` to channels_last maps `(N, channels, side, side)`; undoes `maps_to_vector`."""
    return vector.view(-1, side, side, channels).permute(0, 3, 1, 2)


@torch.no_grad()
def initialise(network: nn.Module, init: str) -> None:
    """Set the weights of every convolution and linear layer, in place; biases to 0, norms left as they are.

    Args:
        network: the network.
        init: "dcgan": normal(0, 0.02), as in the released code of Paper 1; "he": normal(0, sqrt(2 / fan-in)), for
            networks without norms; "torch": PyTorch's own.

    Raises:
        UsageError: an unknown name.
    """
    named("init", init, {"dcgan": 0, "he": 0, "torch": 0})
    if init == "torch":
        return
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear | ResizeConv2d):
            nn.init.normal_(layer.weight, 0.0, 0.02 if init == "dcgan" else math.sqrt(2 / _fan_in(layer)))
            if layer.bias is not None:
                nn.init.zeros_(layer.bias)


def _fan_in(layer: nn.Conv2d | nn.ConvTranspose2d | nn.Linear | ResizeConv2d) -> float:
    """The number of weights behind an output value."""
    if isinstance(layer, ResizeConv2d):
        return layer.inputs * layer.kernel**2
    if isinstance(layer, nn.Linear):
        return layer.in_features
    taps = layer.kernel_size[0] * layer.kernel_size[1]
    if isinstance(layer, nn.ConvTranspose2d):
        taps = max(1, taps // (layer.stride[0] * layer.stride[1]))
    return layer.in_channels * taps


def _check_kernel(kernel: int) -> None:
    if kernel not in _KERNELS:
        raise UsageError(f"kernel must be from {_KERNELS[0]} to {_KERNELS[-1]} (got {kernel}).")
