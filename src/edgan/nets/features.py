"""Networks on features: the connection network, DFM's denoiser, and RFGAN's restorer."""

from __future__ import annotations

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.nets.blocks import activation_layer, initialise, maps_to_vector, norm_layer, up_block, upsampling
from edgan.nets.dcgan import channel_ladder


def as_vector(features: Tensor) -> Tensor:
    """Maps `(N, C, H, W)` or vectors `(N, F)` to vectors."""
    return maps_to_vector(features) if features.dim() == 4 else features


def as_vectors(layers: Sequence[Tensor]) -> Tensor:
    """Maps of several layers, each (N, C, H, W), to one vector each: (N, F)."""
    return torch.cat([maps_to_vector(maps) for maps in layers], 1)


class ConnectionNetwork(nn.Module):
    """D's features to the latent: FC 1024 - BN - leaky ReLU, twice, then linear (Paper 3, Section 4).

    Args:
        features: number of values in D's last map.
        latent: length of z.
        hidden: 1024 in the paper.
    """

    def __init__(self, features: int, latent: int, hidden: int = 1024) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for inputs in (features, hidden):
            layers += [nn.Linear(inputs, hidden), nn.BatchNorm1d(hidden), nn.LeakyReLU(0.2, inplace=True)]
        self.layers = nn.Sequential(*layers, nn.Linear(hidden, latent))

    def forward(self, features: Tensor) -> Tensor:
        """`(N, C, H, W)` or `(N, features)` to z `(N, latent)`, unbounded."""
        return self.layers(as_vector(features))


class Denoiser(nn.Module):
    """Features to features: DFM's r, fully connected layers with batch norm and ReLU except on the last.

    r learns on noisy features of real images and keeps running statistics of them. Features of generated images go
    through `denoise`, with these statistics: as a batch normalised by itself, fakes would look like real ones to r.
    Source: Warde-Farley and Bengio 2017; ten layers, and inference mode on fakes, in the public re-implementations.

    Args:
        features: length of input and output.
        hidden: 2048 in re-implementations.
        depth: number of linear layers.
    """

    def __init__(self, features: int, hidden: int = 2048, depth: int = 10) -> None:
        super().__init__()
        widths = [features, *[hidden] * (depth - 1)]
        layers: list[nn.Module] = []
        for inputs in widths[:-1]:
            layers += [nn.Linear(inputs, hidden, bias=False), nn.BatchNorm1d(hidden), nn.ReLU(inplace=True)]
        self.layers = nn.Sequential(*layers, nn.Linear(widths[-1], features))

    def forward(self, features: Tensor) -> Tensor:
        """`(N, features)` to `(N, features)`. N of at least 2."""
        return self.layers(features)

    def denoise(self, features: Tensor) -> Tensor:
        """`(N, features)` to `(N, features)` by the running statistics, whatever the mode; they do not change."""
        for layer in self.layers:
            if isinstance(layer, nn.BatchNorm1d):
                mean, variance = layer.running_mean, layer.running_var
                features = F.batch_norm(features, mean, variance, layer.weight, layer.bias, eps=layer.eps)
            else:
                features = layer(features)
        return features


class Restorer(nn.Module):
    """The rest of RFGAN's autoencoder, after the trunk: a 1 x 1 bottleneck of 8 channels, then up to the image.

    1 x 1 convolution to the code, 1 x 1 convolution, norm, ReLU, deconvolutions with norm and ReLU, a linear
    deconvolution to the image. Source: the first author's code of RFGAN (Bang and Shim 2018).

    Args:
        size, channels: of the images.
        width: the trunk's.
        kernel: of the deconvolutions.
        code: channels of the code; 8, hence 128 numbers at 64 px.
    """

    def __init__(
        self, *, size: int, channels: int = 3, width: int = 64, kernel: int = 5, code: int = 8, init: str = "dcgan"
    ) -> None:
        super().__init__()
        ladder = channel_ladder(size, width)[::-1]
        start = ladder[1] if len(ladder) > 1 else ladder[0]
        outs = [*ladder[1:]]
        layers: list[nn.Module] = [nn.Conv2d(ladder[0], code, 1), nn.Conv2d(code, start, 1)]
        layers += [norm_layer("batch", start), activation_layer("relu")]
        inputs = start
        for outputs in outs:
            layers.append(up_block(inputs, outputs, kernel=kernel, norm="batch", upsample="transposed"))
            inputs = outputs
        layers.append(upsampling(inputs, channels, kernel=kernel, upsample="transposed"))
        self.layers = nn.Sequential(*layers)
        initialise(self, init)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, maps: Tensor) -> Tensor:
        """The trunk's `(N, C, side, side)` to images `(N, channels, size, size)`, unbounded."""
        return self.layers(maps)
