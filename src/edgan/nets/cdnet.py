"""Encoders, decoder and discriminator of CDNet, at any size.

Toward a Controllable Disentanglement Network (Song, Koyejo, Zhang; IEEE Transactions on Cybernetics 2022; arXiv
2001.08572). Its supplementary tables are not in the text; the layers are those of the released code (zjsong/CDNet).
Faces of 64 x 64 pixels are halved three times, digits of 28 x 28 twice. Convolutions are 4 x 4 with stride 2, none of
the layers before a norm has a bias, and all weights have PyTorch's initialisation: the released code's own never runs.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from itertools import pairwise
from typing import NamedTuple

import torch
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.nets.blocks import maps_to_vector, norm_layer, upsampling, vector_to_maps

SLOPE = 0.2
LAST_WIDTH = 32
"""Channels at full size of a decoder of resize-convolutions."""


SHORTEST = 4
"""Side in pixels below which `halvings` with "shortest" does not go."""


def halvings(size: int, last_side: int | str | None = None) -> int:
    """The number of stride-2 layers: those that lead to a last map of `last_side`, or 3 from 32 pixels on and 2 below.

    "shortest": as many as lead to a whole side of 4 pixels or more.

    Raises:
        UsageError: the size cannot be halved that many times.
    """
    if last_side == "shortest":
        last_side = min((size >> k for k in range(size.bit_length()) if _divides(size, k)), default=size)
    if last_side is not None:
        last_side = int(last_side)
        times = (size // last_side).bit_length() - 1
        if size != last_side * 2**times or times < 1:
            sides = ", ".join(str(size >> k) for k in range(1, size.bit_length()) if size % 2**k == 0)
            raise UsageError(f"must be one of {sides} at {size} pixels (got {last_side}).", parameter="last_side")
        return times
    times = 3 if size >= 32 else 2
    if size < 8 or size % 2**times:
        raise UsageError(
            f"size must be a multiple of {2**times}{' and at least 8' if size < 8 else ''} for networks that halve an "
            f"image {times} times (got {size}). Use 28 for digits, 64 for faces."
        )
    return times


def _divides(size: int, times: int) -> bool:
    return size % 2**times == 0 and size >> times >= SHORTEST


class Encoder(nn.Module):
    """Image to vector: `(N, channels, size, size)` to `(N, outputs)`, unbounded (Enc_y and Enc_z).

    Args:
        size: a multiple of 8, or of 4 below 32 pixels; with `last_side`, that times a power of 2.
        channels: 1 or 3.
        width: channels of the first convolution; they double at each (64 for faces, 32 for digits).
        hidden: widths of the fully connected layers between (4000, 2000 for faces, 1000 for digits).
        outputs: length of z, or how many attributes or classes.
        dropout: share of a hidden vector that is dropped (0.5).
        normed: normalise the outputs to mean 0 and variance 1 over a batch, with running statistics for evaluation.
            Otherwise the encoder could lower the decorrelation loss by shrinking z.
        last_side: of the last map; by size unless set (`halvings`).
        unit: read images as [0, 1], as the released code has digits, and not as [-1, 1].
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int,
        width: int,
        hidden: Sequence[int],
        outputs: int,
        dropout: float = 0.5,
        normed: bool = False,
        last_side: int | str | None = None,
        unit: bool = False,
    ) -> None:
        super().__init__()
        times, self.unit = halvings(size, last_side), unit
        ladder = [channels, *(width * 2**i for i in range(times))]
        self.convolutions = nn.Sequential(*(_down(a, b, "batch") for a, b in pairwise(ladder)))
        lengths = [ladder[-1] * (size // 2**times) ** 2, *hidden]
        layers: list[nn.Module] = []
        for a, b in pairwise(lengths):
            layers += [nn.Linear(a, b, bias=False), nn.LeakyReLU(SLOPE, inplace=True), nn.Dropout(dropout)]
        layers.append(nn.Linear(lengths[-1], outputs))
        if normed:
            layers.append(nn.BatchNorm1d(outputs, affine=False))
        self.vector = nn.Sequential(*layers)
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, image: Tensor) -> Tensor:
        """`image (N, channels, size, size)` in [-1, 1] to `(N, outputs)`."""
        pixels = to_unit(image) if self.unit else image
        return self.vector(maps_to_vector(self.convolutions(_channels_last(pixels))))


class Decoder(nn.Module):
    """Latent and soft target to image: `(N, latent)` and `(N, targets)` to `(N, channels, size, size)` in (-1, 1).

    "Appending the soft target to each layer" (Section III-C1): it is concatenated with the input of every layer, first
    and last included; for a transposed convolution as maps that are constant over the image.

    Args:
        size, channels, width, hidden: as in `Encoder`, which it mirrors.
        latent: length of z.
        targets: length of the soft target; 0 where the decoder has none.
        everywhere: False: append the target to the first layer's input only (AE-XCov).
        last_side: as in `Encoder`; here of the first map.
        upsample: "transposed" convolutions of 4 x 4, or "nearest": resize-convolutions of 3 x 3, which print no grid,
            and a convolution to the image behind the last.
        unit: draw in (0, 1) by a sigmoid, as the released code draws digits, in place of a tanh. The result is scaled
            to (-1, 1) either way.
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int,
        width: int,
        hidden: Sequence[int],
        latent: int,
        targets: int,
        everywhere: bool = True,
        last_side: int | str | None = None,
        unit: bool = False,
        upsample: str = "transposed",
    ) -> None:
        super().__init__()
        times, self.unit = halvings(size, last_side), unit
        more = targets if everywhere else 0
        ladder = [*(width * 2**i for i in reversed(range(times))), channels]
        self.widest, self.side, self.everywhere = ladder[0], size // 2**times, everywhere and targets > 0
        lengths = [latent, *reversed(hidden), self.widest * self.side**2]
        first = [targets, *[more] * (len(lengths) - 2)]
        self.vector = nn.ModuleList(
            nn.Sequential(nn.Linear(a + extra, b, bias=False), nn.BatchNorm1d(b), nn.ReLU(inplace=True))
            for (a, b), extra in zip(pairwise(lengths), first, strict=True)
        )
        up = _up if upsample == "transposed" else partial(_resize, upsample=upsample)
        self.maps = nn.ModuleList(up(a + more, b, last=i == times - 1) for i, (a, b) in enumerate(pairwise(ladder)))
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, z: Tensor, target: Tensor | None = None) -> Tensor:
        """`z (N, latent)` and `target (N, targets)`, any real numbers, to `(N, channels, size, size)` in (-1, 1)."""
        hidden = z if target is None else torch.cat([z, target], dim=1)
        for index, layer in enumerate(self.vector):
            if index and self.everywhere and target is not None:
                hidden = torch.cat([hidden, target], dim=1)
            hidden = layer(hidden)
        maps = vector_to_maps(hidden, self.widest, self.side)
        for layer in self.maps:
            maps = layer(_with_constants(maps, target) if self.everywhere and target is not None else maps)
        return 2.0 * torch.sigmoid(maps) - 1.0 if self.unit else torch.tanh(maps)


class DiscriminatorOutput(NamedTuple):
    """Output of the discriminator.

    Attributes:
        features: (N, C, H, W), the last convolution's output before its norm (the h of Eq. 5).
        logits: (N,) log-odds of being real, or (N, 1, H', W') one for each patch.
    """

    features: Tensor
    logits: Tensor


class Discriminator(nn.Module):
    """Image to features and logits: `(N, channels, size, size)` to `DiscriminatorOutput`.

    Args:
        size, channels: as in `Encoder`.
        stem: channels of the first layer, 5 x 5 with stride 1 and no norm (32).
        width: channels of the first halving; they double at each (128 for faces, 64 for digits).
        max_width: no layer has more (256).
        hidden: width of the fully connected layer (512 for faces, 128 for digits).
        dropout: share of it that is dropped (0.5).
        norm: "batch", without running statistics, so that real and fake are normalised separately; "instance", "group"
            or "none" with a gradient penalty, which must not depend on the other samples of the batch.
        patch: one logit for each patch in place of the fully connected layers (PatchGAN, Isola et al. 2017).
        targets: length of the target that conditions D, concatenated with the first layer's maps (IcGAN); 0: none.
        last_side, unit: as in `Encoder`.
    """

    def __init__(
        self,
        *,
        size: int,
        channels: int,
        stem: int = 32,
        width: int,
        max_width: int,
        hidden: int,
        dropout: float = 0.5,
        norm: str = "batch",
        patch: bool = False,
        targets: int = 0,
        last_side: int | str | None = None,
        unit: bool = False,
    ) -> None:
        super().__init__()
        times, self.unit = halvings(size, last_side), unit
        norm = "batch-stateless" if norm == "batch" else norm
        ladder = [stem + targets, *(min(width * 2**i, max_width) for i in range(times))]
        self.start = nn.Sequential(nn.Conv2d(channels, stem, 5, padding=2), nn.LeakyReLU(SLOPE, inplace=True))
        self.middle = nn.Sequential(*(_down(a, b, norm) for a, b in pairwise(ladder[:-1])))
        self.last = nn.Conv2d(ladder[-2], ladder[-1], 4, stride=2, padding=1, bias=norm == "none")
        self.after = nn.Sequential(norm_layer(norm, ladder[-1]), nn.LeakyReLU(SLOPE))
        if patch:
            self.head: nn.Module = nn.Conv2d(ladder[-1], 1, 4, padding=1)
        else:
            self.head = nn.Sequential(
                nn.Linear(ladder[-1] * (size // 2**times) ** 2, hidden, bias=False),
                nn.LeakyReLU(SLOPE, inplace=True),
                nn.Dropout(dropout),
                nn.Linear(hidden, 1),
                nn.Flatten(0),
            )
        self.patch = patch
        self.to(memory_format=torch.channels_last)  # type: ignore[call-overload]

    def forward(self, image: Tensor, target: Tensor | None = None) -> DiscriminatorOutput:
        """`image (N, channels, size, size)`, and `target (N, targets)` for a conditional D, to features and logits."""
        maps = self.start(_channels_last(to_unit(image) if self.unit else image))
        features = self.last(self.middle(maps if target is None else _with_constants(maps, target)))
        maps = self.after(features)
        return DiscriminatorOutput(features, self.head(maps if self.patch else maps_to_vector(maps)))


def to_unit(pixels: Tensor) -> Tensor:
    """[-1, 1] to [0, 1]."""
    return 0.5 * pixels + 0.5


def _down(inputs: int, outputs: int, norm: str) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, 4, stride=2, padding=1, bias=norm == "none")
    return nn.Sequential(conv, norm_layer(norm, outputs), nn.LeakyReLU(SLOPE, inplace=True))


def _up(inputs: int, outputs: int, last: bool) -> nn.Sequential:
    up = nn.ConvTranspose2d(inputs, outputs, 4, stride=2, padding=1, bias=last)
    return nn.Sequential(up) if last else nn.Sequential(up, nn.BatchNorm2d(outputs), nn.ReLU(inplace=True))


def _resize(inputs: int, outputs: int, last: bool, upsample: str) -> nn.Sequential:
    width = LAST_WIDTH if last else outputs
    up = upsampling(inputs, width, kernel=3, upsample=upsample)
    layers = [up, nn.BatchNorm2d(width), nn.LeakyReLU(SLOPE, inplace=True)]
    return nn.Sequential(*layers, *([nn.Conv2d(width, outputs, 3, padding=1)] if last else []))


def _with_constants(maps: Tensor, target: Tensor) -> Tensor:
    constant = target[:, :, None, None].expand(-1, -1, *maps.shape[2:])
    return torch.cat([maps, constant], dim=1)


def _channels_last(image: Tensor) -> Tensor:
    return image.contiguous(memory_format=torch.channels_last)
