"""The networks that the five GANs of Paper 3 share: DCGAN's, at 28, 32, 64 and more pixels.

Recycling the Discriminator for Improving the Inference Mapping of GAN (Bang, Kang, Shim; arXiv 1805.10717), Section 4:
"the architecture of all baseline networks borrows that of DCGAN". The author's code (QuickSolverDab/Tensorflow-MyGANs)
has them at 64 px: G with a linear layer to 4 x 4 x 1024 and four stride-2 deconvolutions 512, 256, 128, 3; D with four
stride-2 convolutions 64, 128, 256, 512. At other sizes the number of stride-2 layers follows from the size: an image is
halved until its side is 4, or 7 where it was 28.
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
    norm_layer,
    up_block,
    upsampling,
    vector_to_maps,
)

SMALLEST, LARGEST = 4, 7


def halvings(size: int) -> tuple[int, int]:
    """The number of stride-2 layers and the side of the last map.

    Returns:
        (2, 7) for 28, (3, 4) for 32, (4, 4) for 64.

    Raises:
        UsageError: the size cannot be halved down to a side of 4 to 7 pixels.
    """
    side, count = size, 0
    while side > LARGEST and side % 2 == 0:
        side, count = side // 2, count + 1
    if not (SMALLEST <= side <= LARGEST and count > 0):
        raise UsageError(
            f"size must be 28, 32, 64, 128 or another that halves down to {SMALLEST} to {LARGEST} pixels (got {size})."
        )
    return count, side


def channel_ladder(size: int, width: int) -> list[int]:
    """Channels after each stride-2 layer, from the image inwards: [64, 128, 256, 512] for size 64 and width 64."""
    return [width * 2**layer for layer in range(halvings(size)[0])]


def feature_count(size: int, width: int) -> int:
    """The number of values in D's last map: 8192 for size 64 and width 64."""
    return channel_ladder(size, width)[-1] * halvings(size)[1] ** 2


class Trunk(nn.Module):
    """Image to the last map: `(N, channels, size, size)` to `(N, C, side, side)`; leaky ReLU, no norm on the first.

    Args:
        size, channels: of the images.
        width: channels of the first layer; they double with every layer.
        kernel: 5 in the author's code.
        norm: "batch" keeps running statistics; also "batch-stateless", "instance", "group", "none".

    Raises:
        UsageError: an option that the network cannot have.
    """

    def __init__(self, *, size: int, channels: int, width: int, kernel: int, norm: str) -> None:
        super().__init__()
        ladder = channel_ladder(size, width)
        self.layers = nn.Sequential(
            *(
                down_block(a, b, kernel=kernel, norm="none" if i == 0 else norm, activation="leaky")
                for i, (a, b) in enumerate(pairwise([channels, *ladder]))
            )
        )

    def forward(self, image: Tensor) -> Tensor:
        """`image (N, channels, size, size)` in [-1, 1] to `(N, C, side, side)`."""
        return self.layers(image.contiguous(memory_format=torch.channels_last))


class Discriminator(nn.Module):
    """Image to one logit: the trunk, then a linear layer on its last map.

    Args:
        size, channels, width, kernel, norm: as in `Trunk`.
        extra_channels: of another network's map, which the linear layer reads too (RFGAN).
        init: as in `blocks.initialise`.
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int = 3,
        width: int = 64,
        kernel: int = 5,
        norm: str = "batch",
        extra_channels: int = 0,
        init: str = "dcgan",
    ) -> None:
        super().__init__()
        self.trunk = Trunk(size=size, channels=channels, width=width, kernel=kernel, norm=norm)
        self.logit = nn.Linear((channel_ladder(size, width)[-1] + extra_channels) * halvings(size)[1] ** 2, 1)
        _finish(self, init)

    def features(self, image: Tensor) -> Tensor:
        """D's last features: `image (N, channels, size, size)` to the last map `(N, C, side, side)`, activated."""
        return self.trunk(image)

    def features_by_layer(self, image: Tensor) -> tuple[Tensor, ...]:
        """The maps after every layer, the image's side first and the last map last."""
        maps = [image.contiguous(memory_format=torch.channels_last)]
        for layer in self.trunk.layers:
            maps.append(layer(maps[-1]))
        return tuple(maps[1:])

    def judge(self, features: Tensor) -> Tensor:
        """The last map `(N, C + extra_channels, side, side)` to logits `(N,)`, large for real."""
        return self.logit(maps_to_vector(features)).squeeze(1)

    def forward(self, image: Tensor) -> Tensor:
        """`image (N, channels, size, size)` to logits `(N,)`, large for real. Only without extra channels."""
        return self.judge(self.features(image))


class Generator(nn.Module):
    """Latent to image: `(N, latent)` to `(N, channels, size, size)` in (-1, 1).

    Linear to the first map with twice the channels of D's last (1024 at 64 px and width 64), norm, ReLU, then stride-2
    deconvolutions that halve the channels; tanh.

    Args:
        size, channels: of the images.
        latent: length of z.
        width: as D's: the generator's first map has 2 * width * 2^(layers - 1) channels.
        kernel: 5 in the author's code.
        norm: as in `Trunk`; the output layer has none.
        upsample: "transposed", "nearest" or "bilinear"; see `blocks.upsampling`.
        init: as in `blocks.initialise`.
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int = 3,
        latent: int = 128,
        width: int = 64,
        kernel: int = 5,
        norm: str = "batch",
        upsample: str = "transposed",
        init: str = "dcgan",
    ) -> None:
        super().__init__()
        ladder = [2 * c for c in channel_ladder(size, width)[::-1]]
        self.side, self.widest = halvings(size)[1], ladder[0]
        self.fully_connected = nn.Linear(latent, self.widest * self.side**2)
        self.start = nn.Sequential(norm_layer(norm, self.widest), activation_layer("relu"))
        self.layers = nn.Sequential(
            *(up_block(a, b, kernel=kernel, norm=norm, upsample=upsample) for a, b in pairwise(ladder))
        )
        self.output = upsampling(ladder[-1], channels, kernel=kernel, upsample=upsample)
        _finish(self, init)

    def forward(self, z: Tensor) -> Tensor:
        """`z (N, latent)` to images `(N, channels, size, size)` in (-1, 1)."""
        start = vector_to_maps(self.fully_connected(z), self.widest, self.side)
        return torch.tanh(self.output(self.layers(self.start(start))))


class Encoder(nn.Module):
    """Image to vector: D's trunk with weights of its own, then a linear layer.

    The naive encoder of Paper 3's comparison (iGAN's P, BiGAN's latent regressor), and the VAE's and ALI's.

    Args:
        size, channels, width, kernel, norm: as in `Trunk`.
        outputs: length of the output: the latent's, or twice that for a mean and a log variance.
        init: as in `blocks.initialise`.
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int = 3,
        outputs: int = 128,
        width: int = 64,
        kernel: int = 5,
        norm: str = "batch",
        init: str = "dcgan",
    ) -> None:
        super().__init__()
        self.trunk = Trunk(size=size, channels=channels, width=width, kernel=kernel, norm=norm)
        self.linear = nn.Linear(feature_count(size, width), outputs)
        _finish(self, init)

    def forward(self, image: Tensor) -> Tensor:
        """`image (N, channels, size, size)` in [-1, 1] to `(N, outputs)`, unbounded."""
        return self.linear(maps_to_vector(self.trunk(image)))


class PairDiscriminator(nn.Module):
    """An image and a latent to one logit (ALI, BiGAN): D's trunk on the image, two layers on z, two on both.

    Args:
        size, channels, width, kernel, norm: as in `Trunk`.
        latent: length of z.
        joint: width of the fully connected layers.
        dropout: before each joint layer; 0.2 in ALI's code.
        init: as in `blocks.initialise`.
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int = 3,
        latent: int = 128,
        width: int = 64,
        kernel: int = 5,
        norm: str = "none",
        joint: int = 512,
        dropout: float = 0.2,
        init: str = "dcgan",
    ) -> None:
        super().__init__()
        self.trunk = Trunk(size=size, channels=channels, width=width, kernel=kernel, norm=norm)
        self.latent = nn.Sequential(
            nn.Linear(latent, joint),
            activation_layer("leaky"),
            nn.Linear(joint, joint),
            activation_layer("leaky"),
        )
        self.joint = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(feature_count(size, width) + joint, joint),
            activation_layer("leaky"),
            nn.Dropout(dropout),
            nn.Linear(joint, joint),
            activation_layer("leaky"),
            nn.Linear(joint, 1),
        )
        _finish(self, init)

    def forward(self, image: Tensor, z: Tensor) -> Tensor:
        """`image (N, channels, size, size)` and `z (N, latent)` to logits `(N,)`, large for a real image's pair."""
        both = torch.cat([maps_to_vector(self.trunk(image)), self.latent(z)], 1)
        return self.joint(both).squeeze(1)


def _finish(network: nn.Module, init: str) -> None:
    initialise(network, init)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
