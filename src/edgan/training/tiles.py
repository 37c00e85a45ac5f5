"""Translating a picture that is larger than those of the training, tile by tile, without seams."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from edgan.training.feed import draw_noise
from edgan.training.model import Model, Reconstruction

STEP = 8
"""Tiles stand at multiples of so many pixels, so that the coarsest map of noise falls on whole places."""


def translate_in_tiles(model: Model, source: Tensor, seed: int = 0, style: Tensor | None = None) -> Reconstruction:
    """Translate one picture of any size.

    Tiles of the training size overlap by half, and are blended by weights that rise from nothing at a tile's border to
    1: no pixel stands where the next one comes from another tile alone. Noise that has places is drawn once for the
    whole picture, and each tile sees its own part; noise without places is the same for all tiles. Where the network
    norms its maps over the whole picture (AdaIN), a tile's colours follow the tile; `network.norm=pixel` does not.

    Args:
        model: one that translates.
        source: (1, C', H, W) in [-1, 1].
        seed: of the noise.
        style: (1, Z), as `Model.translate` takes it.

    Returns:
        base, residual and output, each (1, C, H, W).

    Raises:
        UsageError: as `Model.translate`.
    """
    size, (height, width) = model.size, source.shape[2:]
    tall, wide = (max(size, -(-side // STEP) * STEP) for side in (height, width))
    padded = F.pad(source, (0, wide - width, 0, tall - height), mode="replicate")
    places = [(y, x) for y in starts(tall, size) for x in starts(wide, size)]
    tiles = torch.cat([padded[:, :, y : y + size, x : x + size] for y, x in places])
    made = model.translate(tiles, seed, style, _noise(model, seed, (tall, wide), places))
    return Reconstruction(
        *(blend(picture, places, (tall, wide))[:, :, :height, :width] for picture in made),
    )


def starts(side: int, size: int) -> list[int]:
    """Where tiles of `size` pixels begin along a side of a picture, half a tile apart at most."""
    stride = max(STEP, size // 2 // STEP * STEP)
    return [*range(0, side - size, stride), side - size]


def blend(tiles: Tensor, places: list[tuple[int, int]], shape: tuple[int, int]) -> Tensor:
    """Tiles to one picture.

    Args:
        tiles: (T, C, S, S).
        places: (y, x) of each tile's corner.
        shape: (H, W) of the picture.

    Returns:
        (1, C, H, W): each pixel the weighted mean of the tiles that hold it.
    """
    size = tiles.shape[-1]
    total = tiles.new_zeros(1, tiles.shape[1], *shape)
    weights = tiles.new_zeros(1, 1, *shape)
    for tile, (y, x) in zip(tiles, places, strict=True):
        down, right = (_ramp(size, at, side).to(tiles) for at, side in ((y, shape[0]), (x, shape[1])))
        weight = down[:, None] * right[None, :]
        total[..., y : y + size, x : x + size] += weight * tile
        weights[..., y : y + size, x : x + size] += weight
    return total / weights


def _ramp(size: int, start: int, side: int) -> Tensor:
    """Weights along a tile: next to 0 in its outer 3/16, where it ends and the picture does not, 1 from 5/16 on."""
    places = torch.arange(size) + 0.5
    rise = ((places - 3 * size / 16) / (size / 8)).clamp(1e-6, 1.0)
    before = torch.ones(size) if start == 0 else rise
    after = torch.ones(size) if start + size == side else rise.flip(0)
    return torch.minimum(before, after)


def _noise(model: Model, seed: int, shape: tuple[int, int], places: list[tuple[int, int]]) -> dict[str, Tensor]:
    """The noise of every tile, by tap."""
    found = {}
    for name in model.method.plan.needed(["output"]):
        noise = model.method.plan.tap[name].noise
        if noise is None:
            continue
        kind, one = noise
        key = (seed, 0, name)
        if len(one) != 3 or one[1] != one[2] or model.size % one[1] or STEP % (model.size // one[1]):
            found[name] = draw_noise(key, kind, (1, *one)).expand(len(places), *one)
            continue
        scale = model.size // one[1]
        whole = draw_noise(key, kind, (one[0], shape[0] // scale, shape[1] // scale))
        corners = [(y // scale, x // scale) for y, x in places]
        found[name] = torch.stack([whole[:, y : y + one[1], x : x + one[2]] for y, x in corners])
    return found
