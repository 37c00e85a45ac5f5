"""Generator, discriminator, classifier and connection network of Editable GAN, at any size.

Editable Generative Adversarial Networks (Baek, Bang, Shim; ACCV 2018; arXiv 1807.07700), which appendix A of Recycling
the Discriminator shows; the layers are those of its released code (FriedRonaldo/EditableGAN) for faces of 128 x 128
pixels. Those are halved three times, digits of 28 x 28 twice; the connection network halves further, to 2 x 2.
Initial weights: Glorot uniform for convolutions, N(0, .02) for linear layers, biases 0. Leaky ReLUs have slope .1.
"""

from __future__ import annotations

import math
from itertools import pairwise

import torch
from torch import Tensor, nn

from edgan.nets.blocks import norm_layer, upsampling, vector_norm, vector_to_maps
from edgan.nets.cdnet import halvings

SLOPE, LAST_SIDE = 0.1, 3


class Trunk(nn.Module):
    """Image to maps: before each halving a 3 x 3 convolution, then one of 4 x 4 with stride 2; a 3 x 3 one at the end.

    Args:
        size: a multiple of 8, or of 4 below 32 pixels.
        channels: 1 or 3.
        width: channels of the first convolution; they double at every halving.
        norm: of all layers but those before the second halving: "none" in D, "batch" in C.
    """

    def __init__(self, *, size: int, channels: int, width: int, norm: str) -> None:
        super().__init__()
        ladder = [width * 2**i for i in range(halvings(size) + 1)]
        layers: list[nn.Module] = []
        for index, (here, deeper) in enumerate(pairwise(ladder)):
            each = norm if index else "none"
            layers += _convolution(channels if index == 0 else here, here, each)
            layers += _convolution(here, deeper, each, halving=True)
        self.layers = nn.Sequential(*layers, *_convolution(ladder[-1], ladder[-1], norm))

    def forward(self, image: Tensor) -> Tensor:
        """`image (N, channels, size, size)` in [-1, 1] to `(N, last_width, side, side)`."""
        return self.layers(image.contiguous(memory_format=torch.channels_last))


def last_width(size: int, width: int) -> int:
    """Channels of a trunk's last map."""
    return width * 2 ** halvings(size)


class Discriminator(nn.Module):
    """Image to one logit, without norms: a trunk, the mean over the map, a linear layer.

    Args:
        size, channels, width: as in `Trunk` (64 at 128 px).
        targets: length of the target that conditions D. It is concatenated with the trunk's maps as constant maps,
            before one more 3 x 3 convolution, so that the features do not depend on it (modified cGAN). 0: none.
    """

    def __init__(self, *, size: int, channels: int, width: int, targets: int = 0) -> None:
        super().__init__()
        widest = last_width(size, width)
        self.trunk = Trunk(size=size, channels=channels, width=width, norm="none")
        self.told = nn.Sequential(*(_convolution(widest + targets, widest, "none") if targets else ()))
        self.logit = nn.Linear(widest, 1)
        _finish(self)

    def features(self, image: Tensor) -> Tensor:
        """D's last features: `image (N, channels, size, size)` to `(N, last_width, side, side)`."""
        return self.trunk(image)

    def judge(self, features: Tensor, target: Tensor | None = None) -> Tensor:
        """The features, and `target (N, targets)` for a conditional D, to logits `(N,)`, large for real."""
        maps = features if target is None else self.told(_with_constants(features, target))
        return self.logit(maps.mean((2, 3))).squeeze(1)

    def forward(self, image: Tensor, target: Tensor | None = None) -> Tensor:
        """`image (N, channels, size, size)`, and a target for a conditional D, to logits `(N,)`."""
        return self.judge(self.features(image), target)


class Classifier(nn.Module):
    """Image to a logit for each attribute and one for being real: a trunk, the mean over the map, two linear layers.

    Args:
        size, channels, width: as in `Trunk`; half of D's.
        norm: "batch" (with running statistics, so that a single image can be classified), "group" or "none".
        outputs: number of logits.
    """

    def __init__(self, *, size: int, channels: int, width: int, norm: str, outputs: int) -> None:
        super().__init__()
        widest = last_width(size, width)
        self.trunk = Trunk(size=size, channels=channels, width=width, norm=norm)
        self.logits = nn.Sequential(
            nn.Linear(widest, widest),
            vector_norm(norm, widest, 1),
            nn.LeakyReLU(SLOPE, inplace=True),
            nn.Linear(widest, outputs),
        )
        _finish(self)

    def features(self, image: Tensor) -> Tensor:
        """C's last features: `image (N, channels, size, size)` to `(N, last_width, side, side)`."""
        return self.trunk(image)

    def judge(self, features: Tensor) -> Tensor:
        """The features to logits `(N, outputs)`."""
        return self.logits(features.mean((2, 3)))

    def forward(self, image: Tensor) -> Tensor:
        """`image (N, channels, size, size)` to logits `(N, outputs)`."""
        return self.judge(self.features(image))


class Connection(nn.Module):
    """Features, and optionally attributes, to numbers: the latent, then a logit for each attribute.

    Convolutions of 4 x 4 with stride 2, group norm and leaky ReLU down to 2 x 2 or 3 x 3, the sum over the map, a
    linear layer. Attributes are concatenated with each network's features as constant maps.

    Args:
        size: of the images that the maps are of.
        maps: channels of each network's features: (D's,) or (D's, C's).
        targets: number of attributes given as input; 0: none.
        width: of its layers (1024).
        outputs: length of z and number of attributes together.
        groups: of the group norm; 32, the default of the released code's library. Fewer where they do not divide the
            width.
    """

    def __init__(
        self, *, size: int, maps: tuple[int, ...], targets: int, width: int, outputs: int, groups: int = 32
    ) -> None:
        super().__init__()
        side, inputs = size // 2 ** halvings(size), sum(maps) + len(maps) * targets
        layers: list[nn.Module] = []
        while side > LAST_SIDE:
            conv, _, activation = _convolution(inputs, width, "none", halving=True)
            layers += [conv, nn.GroupNorm(math.gcd(groups, width), width), activation]
            side, inputs = side // 2, width
        self.layers, self.read = nn.Sequential(*layers), len(maps)
        self.linear = nn.Linear(inputs, outputs)
        _finish(self)

    def forward(self, *inputs: Tensor) -> Tensor:
        """Maps `(N, C, side, side)` of each network, then, with targets, `target (N, targets)`, to `(N, outputs)`."""
        features, targets = inputs[: self.read], inputs[self.read :]
        joined = torch.cat([_with_constants(maps, *targets) for maps in features], 1)
        return self.linear(self.layers(joined).sum((2, 3)))


class Generator(nn.Module):
    """Latent and attributes to image: `(N, latent)` and `(N, targets)` to `(N, channels, size, size)` in (-1, 1).

    A linear layer to the first map, then transposed convolutions of 4 x 4 with stride 2, each with batch norm and leaky
    ReLU and with the attributes as additional constant maps; a 3 x 3 convolution and tanh.

    Args:
        size, channels: of the images, as in `Trunk`.
        width: channels after the last doubling of the side (64 at 128 px); they double towards the latent.
        latent: length of z (64).
        targets: number of attributes.
        upsample: "transposed" convolutions of 4 x 4, or "nearest": resize-convolutions of 3 x 3, which print no grid.
    """

    def __init__(
        self, *, size: int, channels: int, width: int, latent: int, targets: int, upsample: str = "transposed"
    ) -> None:
        super().__init__()
        times = halvings(size)
        ladder = [width * 2**i for i in reversed(range(times + 1))]
        self.widest, self.side = ladder[0], size // 2**times
        self.start = nn.Linear(latent + targets, self.widest * self.side**2)
        self.first = nn.Sequential(nn.BatchNorm2d(self.widest), nn.LeakyReLU(SLOPE, inplace=True))
        self.layers = nn.ModuleList(
            nn.Sequential(
                _doubling(a + targets, b, upsample),
                nn.BatchNorm2d(b),
                nn.LeakyReLU(SLOPE, inplace=True),
            )
            for a, b in pairwise(ladder)
        )
        self.last = nn.Conv2d(ladder[-1], channels, 3, padding=1)
        _finish(self)

    def forward(self, z: Tensor, target: Tensor) -> Tensor:
        """`z (N, latent)` and `target (N, targets)`, any real numbers, to `(N, channels, size, size)` in (-1, 1)."""
        maps = self.first(vector_to_maps(self.start(torch.cat([z, target], 1)), self.widest, self.side))
        for layer in self.layers:
            maps = layer(_with_constants(maps, target))
        return torch.tanh(self.last(maps))


def _convolution(inputs: int, outputs: int, norm: str, halving: bool = False) -> list[nn.Module]:
    kernel, stride = (4, 2) if halving else (3, 1)
    conv = nn.Conv2d(inputs, outputs, kernel, stride=stride, padding=1)
    return [conv, norm_layer(norm, outputs), nn.LeakyReLU(SLOPE, inplace=True)]


def _doubling(inputs: int, outputs: int, upsample: str) -> nn.Module:
    if upsample == "transposed":
        return nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1)
    return upsampling(inputs, outputs, kernel=3, upsample=upsample)


def _with_constants(maps: Tensor, *targets: Tensor) -> Tensor:
    constants = [target[:, :, None, None].expand(-1, -1, *maps.shape[2:]) for target in targets]
    return torch.cat([maps, *constants], dim=1)


def _finish(network: nn.Module) -> None:
    for layer in network.modules():
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d):
            nn.init.xavier_uniform_(layer.weight)
        elif isinstance(layer, nn.Linear):
            nn.init.normal_(layer.weight, 0.0, 0.02)
        if isinstance(layer, nn.Conv2d | nn.ConvTranspose2d | nn.Linear) and layer.bias is not None:
            nn.init.zeros_(layer.bias)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
