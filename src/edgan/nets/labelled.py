"""Labels as network inputs, as in CAAE: repeated after the latent, and as constant maps after D's first layer.

Age Progression/Regression by Conditional Adversarial Autoencoder (Zhang, Song, Qi; CVPR 2017; ZZUTK/Face-Aging-CAAE),
used by Paper 1 (Section 4.2.2; ResLearn.py of its released code).
"""

from __future__ import annotations

from itertools import pairwise

import torch
from torch import Tensor, nn

from edgan.nets.blocks import activation_layer, down_block, initialise, maps_to_vector
from edgan.nets.ed_gan import channel_ladder

LAST_MAP = 8


def tiled(labels: Tensor, times: int) -> Tensor:
    """Labels repeated, so that a few labels weigh as much as a long z: (N, L) -> (N, L * times)."""
    return labels.repeat(1, times)


def with_maps(maps: Tensor, labels: Tensor) -> Tensor:
    """Labels as constant maps: (N, C, H, W) and (N, L) -> (N, C + L, H, W)."""
    shape = (*labels.shape, *maps.shape[2:])
    return torch.cat([maps, labels[:, :, None, None].expand(shape)], dim=1)


class LabelDiscriminator(nn.Module):
    """An image and its labels to one logit: convolutions with stride 2 down to 8 x 8, FC, leaky ReLU, FC.

    The labels enter after the first convolution, as constant maps. Released code: 16, 32, 64, 128 channels in CAAE,
    64 to 512 in Paper 1's, at 128 px.

    Args:
        size: 32, 64, 128 or 256 pixels.
        labels: number of label maps.
        channels: of the image.
        width, max_width: channels of the first layer and of the widest.
        kernel: 5 in the released code.
        norm: "batch", without running statistics, so that real and fake are normalised separately; "instance",
            "group" or "none".
        activation: "relu" or "leaky".
        fully_connected: width of the hidden layer (1024).
        init: "dcgan", "he" or "torch".

    Raises:
        UsageError: an option that the network cannot have.
    """

    def __init__(
        self,
        *,
        size: int,
        labels: int,
        channels: int = 3,
        width: int = 16,
        max_width: int = 128,
        kernel: int = 5,
        norm: str = "batch",
        activation: str = "relu",
        fully_connected: int = 1024,
        init: str = "dcgan",
    ) -> None:
        super().__init__()
        ladder = channel_ladder(size, width, max_width, LAST_MAP)
        norm = "batch-stateless" if norm == "batch" else norm
        self.first = down_block(channels, ladder[0], kernel=kernel, norm=norm, activation=activation)
        self.layers = nn.Sequential(
            *(
                down_block(a, b, kernel=kernel, norm=norm, activation=activation)
                for a, b in pairwise([ladder[0] + labels, *ladder[1:]])
            )
        )
        hidden = nn.Linear(ladder[-1] * LAST_MAP**2, fully_connected)
        self.logit = nn.Sequential(hidden, activation_layer("leaky"), nn.Linear(fully_connected, 1))
        initialise(self, init)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, image: Tensor, labels: Tensor) -> Tensor:
        """`image (N, channels, size, size)` and `labels (N, labels)` to logits `(N,)`: log-odds of being real."""
        maps = self.first(image.contiguous(memory_format=torch.channels_last))
        return self.logit(maps_to_vector(self.layers(with_maps(maps, labels)))).squeeze(1)
