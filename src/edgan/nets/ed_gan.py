"""Encoder, decoder (and generator) and discriminator of Paper 1, Table 1, at any size.

Decoupled Learning for Conditional Adversarial Networks (Zhang, Song, Qi; WACV 2018; arXiv 1801.06790). The table is
written for 128 x 128 images. Here the number of stride-2 layers follows from the size, so that the last map is always
4 x 4, and the channels double from `width` with every layer, up to `max_width`: size 128, width 64, max_width 1024 is
the table. Kernel, initialisation and the table's options that only the released code shows
(ZZUTK/Decoupled-Learning-Conditional-GAN) are named options.
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.nets.blocks import (
    activation_layer,
    down_block,
    initialise,
    maps_to_vector,
    same_block,
    up_block,
    upsampling,
    vector_norm,
    vector_to_maps,
)

LAST_MAP = 4
SIZES = (32, 64, 128, 256)


def channel_ladder(size: int, width: int, max_width: int, last_map: int = LAST_MAP) -> list[int]:
    """Channels after each stride-2 layer, from the image inwards.

    Args:
        size: the image's side in pixels.
        width: channels of the first layer.
        max_width: no layer has more.
        last_map: side of the last map in pixels.

    Returns:
        `[64, 128, 256, 512, 1024]` for size 128, width 64, max_width 1024.

    Raises:
        UsageError: a size or a width that these networks cannot have.
    """
    if size not in SIZES:
        sizes = ", ".join(map(str, SIZES))
        raise UsageError(f"size must be one of {sizes} (got {size}).")
    if last_map not in (4, 8):
        raise UsageError(f"last_map must be 4 or 8 (got {last_map}).")
    if not 4 <= width <= max_width:
        raise UsageError(f"width must be at least 4 and at most max_width (got width={width}, max_width={max_width}).")
    layers = (size // last_map).bit_length() - 1
    return [min(width * 2**layer, max_width) for layer in range(layers)]


class Encoder(nn.Module):
    """Image to latent: `(N, channels, size, size)` in [-1, 1] to `(N, latent)` in (-1, 1) (Table 1, "Enc").

    Args:
        size: 32, 64, 128 or 256 pixels.
        channels: 3 for colour, 1 for grey.
        width, max_width: channels of the first layer and of the widest (64, 1024 in Table 1).
        latent: length of z (50).
        outputs: None for Table 1's tanh z; a number for that many linear outputs instead, as `2 * latent` for a mean
            and a log variance.
        kernel: 5 in the released code.
        norm: "batch" (Table 2) or "none" (Table 3); also "instance", "group", "batch-stateless".
        activation: "relu" or "leaky".
        init: "dcgan", "he" or "torch"; see `blocks.initialise`.

    Raises:
        UsageError: an option that the network cannot have.
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int = 3,
        width: int = 64,
        max_width: int = 1024,
        latent: int = 50,
        outputs: int | None = None,
        kernel: int = 5,
        norm: str = "batch",
        activation: str = "relu",
        init: str = "dcgan",
    ) -> None:
        super().__init__()
        ladder = channel_ladder(size, width, max_width)
        self.layers = nn.Sequential(
            *(
                down_block(inputs, outs, kernel=kernel, norm=norm, activation=activation)
                for inputs, outs in pairwise([channels, *ladder])
            )
        )
        self.fully_connected = nn.Linear(ladder[-1] * LAST_MAP**2, latent if outputs is None else outputs)
        self.squash = nn.Tanh() if outputs is None else nn.Identity()
        _finish(self, init)

    def forward(self, image: Tensor) -> Tensor:
        """`image (N, channels, size, size)` in [-1, 1] to z `(N, latent)` in (-1, 1), or `(N, outputs)` unbounded."""
        return self.squash(self.fully_connected(maps_to_vector(self.layers(_channels_last(image)))))


class Decoder(nn.Module):
    """Latent to image: `(N, latent)` to `(N, channels, size, size)` in (-1, 1) (Table 1, "Dec" and "G").

    As the decoder it gives the base, as ED//GAN's generator the residual: the same architecture (Section
    2.2). The table's order at the start is kept: FC, ReLU, BN, reshape. So batch norm works on each feature of the
    vector and removes what all images share. After the reshape it would work on channels and keep that, and a
    generator then tends to give every image the same residual. The released code has norm before ReLU.

    Args:
        size, channels, width, max_width, latent, kernel, activation, init: as in `Encoder`.
        norm: as in `Encoder`; the output layer has none.
        upsample: "transposed" (Table 1), or "nearest" / "bilinear" resize-convolution, free of checkerboards.
        head: the released code's two extra layers at full size: the last stride-2 layer goes to width/2 channels
            (32), a stride-1 layer to width/4 (16), and a last stride-1 layer to the image. False: Table 1, straight
            from `width` channels to the image.
        output_gain: factor on the output layer's initial weights; with 0 a residual starts at 0.

    Raises:
        UsageError: an option that the network cannot have.
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int = 3,
        width: int = 64,
        max_width: int = 1024,
        latent: int = 50,
        kernel: int = 5,
        norm: str = "batch",
        activation: str = "relu",
        upsample: str = "transposed",
        head: bool = False,
        init: str = "dcgan",
        output_gain: float = 1.0,
    ) -> None:
        super().__init__()
        ladder = channel_ladder(size, width, max_width)[::-1]
        self.widest = ladder[0]
        self.fully_connected = nn.Linear(latent, self.widest * LAST_MAP**2)
        self.start = nn.Sequential(activation_layer(activation), vector_norm(norm, self.widest, LAST_MAP))
        if head:
            ladder.append(max(width // 2, 1))
        ups = [
            up_block(a, b, kernel=kernel, norm=norm, upsample=upsample, activation=activation)
            for a, b in pairwise(ladder)
        ]
        if head:
            narrow = max(width // 4, 1)
            output: nn.Module = nn.Conv2d(narrow, channels, kernel, padding="same")
            ups.append(same_block(ladder[-1], narrow, kernel=kernel, norm=norm, activation=activation))
        else:
            output = upsampling(ladder[-1], channels, kernel=kernel, upsample=upsample)
        self.layers = nn.Sequential(*ups)
        self.output = output
        _finish(self, init)
        with torch.no_grad():
            self.output.get_parameter("weight").mul_(output_gain)

    @torch.no_grad()
    def start_from(self, other: nn.Module) -> None:
        """Take over another decoder's weights and statistics but for the output layer.

        A generator that starts so has features that tell one face from another from its first step. With weights of
        its own it learns one residual for all images first. What the two do not share, such as norms, is left alone.
        """
        theirs = other.state_dict()
        for name, kept in self.state_dict().items():
            taken = theirs.get(name)
            if taken is not None and taken.shape == kept.shape and not name.startswith("output."):
                kept.copy_(taken)

    def forward(self, z: Tensor) -> Tensor:
        """`z (N, latent)` to an image or a residual `(N, channels, size, size)` in (-1, 1)."""
        start = self.start(self.fully_connected(z))
        return torch.tanh(self.output(self.layers(vector_to_maps(start, self.widest, LAST_MAP))))


class Discriminator(nn.Module):
    """Image to one logit: `(N, channels, size, size)` to `(N,)`, large for real (Table 1, "D").

    The table ends in "FC, tanh 1". The tanh is left to the loss: a logit l has D = sigmoid(l) = (1 + tanh(l/2)) / 2,
    the table's value moved from (-1, 1) to the (0, 1) that the logarithms of Eq. 7 and 8 need, and losses on
    logits do not overflow. The default norm keeps no running statistics: real and fake batches alternate, and
    running statistics would mix both. Images need not stay in [-1, 1]: ED//GAN's output, a sum,
    reaches D unclipped.

    Args:
        size, channels, width, max_width, kernel, activation, init: as in `Encoder`.
        norm: "batch-stateless" (the released code's), "batch" meaning the same here, "none", "instance", "group". A
            gradient penalty needs one of the last three: with batch statistics the samples depend on each other.
        fully_connected: None, or the width (1024 in the released code) of one more fully connected layer, leaky ReLU
            0.2.
        last_map: side of the last map: 4 in Table 1; 8 in the released code, which has one layer fewer.

    Raises:
        UsageError: an option that the network cannot have.
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int = 3,
        width: int = 64,
        max_width: int = 1024,
        kernel: int = 5,
        norm: str = "batch-stateless",
        activation: str = "relu",
        fully_connected: int | None = None,
        last_map: int = LAST_MAP,
        init: str = "dcgan",
    ) -> None:
        super().__init__()
        ladder = channel_ladder(size, width, max_width, last_map)
        norm = "batch-stateless" if norm == "batch" else norm
        self.layers = nn.Sequential(
            *(
                down_block(inputs, outs, kernel=kernel, norm=norm, activation=activation)
                for inputs, outs in pairwise([channels, *ladder])
            )
        )
        length = ladder[-1] * last_map**2
        if fully_connected is None:
            self.logit: nn.Module = nn.Linear(length, 1)
        else:
            hidden = nn.Linear(length, fully_connected)
            self.logit = nn.Sequential(hidden, activation_layer("leaky"), nn.Linear(fully_connected, 1))
        _finish(self, init)

    def features(self, image: Tensor) -> Tensor:
        """The last map: `image (N, channels, size, size)` to `(N, C, last_map, last_map)`; C: last width."""
        return self.layers(_channels_last(image))

    def forward(self, image: Tensor) -> Tensor:
        """`image (N, channels, size, size)` to logits `(N,)`: log-odds of being real."""
        return self.logit(maps_to_vector(self.features(image))).squeeze(1)


def _channels_last(image: Tensor) -> Tensor:
    return image.contiguous(memory_format=torch.channels_last)


def _finish(network: nn.Module, init: str) -> None:
    initialise(network, init)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
