"""The two U-shaped networks of UU-Net and the links between them.

Source: Paper 5 (UU-Nets), Sections 3.2, 3.3 and 3.5, Figs. 2 to 4. Generator and discriminator have the same scales, so
maps of one can be concatenated with maps of the other. Scales are counted from 1, half the picture's side, to the
innermost, the code's. Every network is convolutional throughout.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.nets.blocks import initialise, norm_layer, upsampling

Maps = tuple[Tensor, ...]


@dataclass(frozen=True)
class Links:
    """Channels of the generator's maps that are concatenated with a discriminator's; 0 or empty where there is no link.

    Attributes:
        encoder: of the generator's encoder maps, scale 1 to the last but one, linked to D's encoder.
        code: of the generator's code, linked to D's code.
        decoder: of the generator's decoder maps, innermost first, linked to D's decoder.
        triple: of the generator's encoder maps where they are linked to D's decoder too.
    """

    encoder: tuple[int, ...] = ()
    code: int = 0
    decoder: tuple[int, ...] = ()
    triple: tuple[int, ...] = ()


def ladder(size: int, width: int, max_width: int, levels: int) -> tuple[int, ...]:
    """Channels at each scale, 1 to `levels`.

    Raises:
        UsageError: the picture cannot be halved that many times, or width is out of range.
    """
    if levels < 2 or size % 2**levels or not 32 <= size <= 512:
        raise UsageError(
            f"size must be a multiple of {2**levels} from 32 to 512 for a UU-Net of {levels} scales (got {size}). "
            "network.levels, at least 2, sets the number of scales."
        )
    if not 4 <= width <= max_width:
        raise UsageError(f"width must be at least 4 and at most max_width (got width={width}, max_width={max_width}).")
    return tuple(min(width * 2**level, max_width) for level in range(levels))


class UEncoder(nn.Module):
    """Picture to maps at every scale and a code.

    Args:
        inputs: channels of the picture.
        channels: of each scale, from `ladder`.
        outputs: channels of the code: those of z, or twice as many for a posterior; None: the innermost maps
            themselves.
        links: channels concatenated with each scale's maps except the innermost; empty: none.
        pool: 3 x 3 convolution, then 2 x 2 max-pooling (the paper's); otherwise a 3 x 3 convolution of stride 2, which
            computes a quarter.
        norm: see `blocks.norm_layer`; the outermost and the innermost scale have none.
        init: see `blocks.initialise`.
    """

    def __init__(
        self,
        *,
        inputs: int,
        channels: Sequence[int],
        outputs: int | None = None,
        links: Sequence[int] = (),
        pool: bool = True,
        norm: str = "instance",
        init: str = "he",
    ) -> None:
        super().__init__()
        linked = [0, *(links or [0] * (len(channels) - 1))]
        last = len(channels) - 1
        self.downs = nn.ModuleList(
            _down(a + extra, b, pool, "none" if scale in (0, last) else norm)
            for scale, ((a, b), extra) in enumerate(zip(pairwise([inputs, *channels]), linked, strict=True))
        )
        inner = nn.Conv2d(channels[-1], outputs, 1) if outputs else None
        self.code = inner or nn.Identity()
        _initialise(self, init)
        if inner is not None:
            with torch.no_grad():
                inner.weight.mul_(0.1)  # so that the first posteriors are near the prior

    def forward(self, picture: Tensor, links: Maps = ()) -> Maps:
        """(N, inputs, S, S) to maps of sides S/2, S/4, ... and the code."""
        maps, scales = picture.contiguous(memory_format=torch.channels_last), []
        for scale, down in enumerate(self.downs):
            taken = maps if scale == 0 or not links else torch.cat([maps, links[scale - 1]], dim=1)
            maps = down(taken)
            scales.append(maps)
        return (*scales[:-1], self.code(scales[-1]))


class UDecoder(nn.Module):
    """A code to maps at every scale and, last, maps at full size.

    Args:
        code: channels of the code.
        channels: of each scale, from `ladder`; the innermost is the input's.
        outputs: channels at full size.
        skips: channels concatenated with each scale, innermost first; empty: none.
        upsample, norm: see `blocks`; the outermost layer has no norm.
    """

    def __init__(
        self,
        *,
        code: int,
        channels: Sequence[int],
        outputs: int,
        skips: Sequence[int] = (),
        upsample: str = "nearest",
        norm: str = "instance",
    ) -> None:
        super().__init__()
        drawn = list(channels[-2::-1])
        inputs = [code, *(own + skip for own, skip in zip(drawn, skips or [0] * len(drawn), strict=True))]
        self.ups = nn.ModuleList(
            nn.Sequential(
                upsampling(a, b, kernel=3, upsample=upsample), norm_layer(norm, b), nn.LeakyReLU(0.2, inplace=False)
            )
            for a, b in zip(inputs[:-1], drawn, strict=True)
        )
        self.last = upsampling(inputs[-1], outputs, kernel=3, upsample=upsample)

    def forward(self, code: Tensor, skips: Sequence[Tensor] = ()) -> Maps:
        """(N, code, s, s) to the decoder's own maps, the innermost first, and (N, outputs, S, S)."""
        maps, scales = code, []
        for scale, up in enumerate(self.ups):
            own = up(maps)
            scales.append(own)
            maps = torch.cat([own, skips[scale]], dim=1) if skips else own
        return (*scales, self.last(maps))


class UGenerator(nn.Module):
    """The generator's decoder: a code and the encoder's maps to decoder maps and a picture in (-1, 1).

    Args:
        code: channels of the code.
        channels: of each scale.
        outputs: channels of the picture.
        skips: whether the encoder's maps are concatenated with its own.
        upsample, norm, init: see `blocks`.
        source: channels of the source, where a last layer at full size reads it again, so that its edges stay sharp;
            0: the maps of scale 1 become the picture, as in the paper.
    """

    def __init__(
        self,
        *,
        code: int,
        channels: Sequence[int],
        outputs: int = 3,
        skips: bool = True,
        upsample: str = "nearest",
        norm: str = "instance",
        init: str = "he",
        source: int = 0,
    ) -> None:
        super().__init__()
        skip_channels = channels[-2::-1] if skips else ()
        self.skips = skips
        drawn = channels[0] if source else outputs
        self.decoder = UDecoder(
            code=code, channels=channels, outputs=drawn, skips=skip_channels, upsample=upsample, norm=norm
        )
        self.full_norm = norm_layer(norm, drawn) if source else None
        self.full_size = nn.Conv2d(drawn + source, outputs, 3, padding=1) if source else None
        _initialise(self, init)
        with torch.no_grad():
            for parameter in (self.full_size or self.decoder.last).parameters():
                parameter.mul_(0.1)  # so that tanh is not saturated from the start

    def forward(self, encoded: Maps, code: Tensor, source: Tensor | None = None) -> Maps:
        """Draw.

        Args:
            encoded: maps of the encoder, the innermost (its code or posterior) unread.
            code: (N, code, s, s).
            source: (N, source, S, S), only where a layer at full size reads it.

        Returns:
            The decoder's maps, the innermost first, and last the picture, (N, outputs, S, S) in (-1, 1).
        """
        *maps, last = self.decoder(code, encoded[-2::-1] if self.skips else ())
        if self.full_size is not None:
            assert self.full_norm is not None
            assert source is not None
            last = self.full_size(torch.cat([F.leaky_relu(self.full_norm(last), 0.2), source], dim=1))
        return (*maps, torch.tanh(last))


class UDiscriminator(nn.Module):
    """Judges a pair; its maps are concatenated with the generator's.

    Args:
        inputs: channels of picture and source together.
        channels: of each scale; the generator's, so that the sides agree.
        links: the generator's maps that it reads.
        latent: channels of a variational code; None: the code is the innermost maps.
        tail: whether layers of stride 2 lead from the image-sized maps to one logit (Section 3.3); otherwise a 1 x 1
            convolution gives a logit for each pixel (Section 3.5).
        pool, upsample, norm, init: as in the generator.
    """

    def __init__(
        self,
        *,
        inputs: int,
        channels: Sequence[int],
        links: Links,
        latent: int | None = None,
        tail: bool = False,
        pool: bool = True,
        upsample: str = "nearest",
        norm: str = "instance",
        init: str = "he",
    ) -> None:
        super().__init__()
        self.encoder = UEncoder(
            inputs=inputs,
            channels=channels,
            outputs=2 * latent if latent else None,
            links=links.encoder,
            pool=pool,
            norm=norm,
            init=init,
        )
        unlinked = [0] * (len(channels) - 1)
        skips = [
            own + decoder + triple
            for own, decoder, triple in zip(
                channels[-2::-1],
                links.decoder or unlinked,
                links.triple or unlinked,
                strict=True,
            )
        ]
        code = (latent or channels[-1]) + links.code
        self.decoder = UDecoder(
            code=code, channels=channels, outputs=channels[0], skips=skips, upsample=upsample, norm=norm
        )
        self.verdict = _tail(channels[0]) if tail else nn.Conv2d(channels[0], 1, 1)
        self.latent, self.tail = latent, tail
        for network in (self.decoder, self.verdict):
            _initialise(network, init)

    def forward(
        self,
        picture: Tensor,
        source: Tensor,
        links: tuple[Maps, Maps, Maps, Maps] = ((), (), (), ()),
        epsilon: Tensor | None = None,
    ) -> Maps:
        """Judge.

        Args:
            picture, source: (N, C, S, S).
            links: the generator's encoder maps, code (one or none), decoder maps and, for the triple concatenation,
                its encoder maps again, the innermost first.
            epsilon: (N, latent, s, s), N(0, 1), where the code is variational.

        Returns:
            The logits, (N, 1, S, S) or with a tail (N,); and, variational, the code's posterior (N, 2 latent, s, s).
        """
        by_encoder, by_code, by_decoder, triple = links
        *maps, code = self.encoder(torch.cat([source, picture], dim=1), by_encoder)
        posterior = (code,) if self.latent else ()
        if self.latent:
            assert epsilon is not None
            mean, log_variance = code.chunk(2, dim=1)
            code = mean + torch.exp(0.5 * log_variance.clamp(-10.0, 10.0)) * epsilon
        groups = [group for group in (tuple(reversed(maps)), by_decoder, triple) if group]
        skips = [torch.cat(group, dim=1) for group in zip(*groups, strict=True)]
        image_sized = F.leaky_relu(self.decoder(torch.cat([code, *by_code], dim=1), skips)[-1], 0.2)
        logits = self.verdict(image_sized)
        return (logits.flatten(1).mean(1) if self.tail else logits, *posterior)


def _down(inputs: int, outputs: int, pool: bool, norm: str) -> nn.Sequential:
    conv = nn.Conv2d(inputs, outputs, 3, stride=1 if pool else 2, padding=1)
    layers = [conv, norm_layer(norm, outputs), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.MaxPool2d(2)) if pool else nn.Sequential(*layers)


def _tail(width: int) -> nn.Sequential:
    """Image-sized maps to a few logits, whose mean is D's output."""
    layers: list[nn.Module] = []
    for a, b in pairwise([width, width, 2 * width, 2 * width]):
        layers += [nn.Conv2d(a, b, 3, stride=2, padding=1), nn.LeakyReLU(0.2)]
    return nn.Sequential(*layers, nn.Conv2d(2 * width, 1, 1))


def _initialise(network: nn.Module, init: str) -> None:
    initialise(network, init)
    network.to(memory_format=torch.channels_last)  # type: ignore[call-overload]
