"""Translating a picture larger than the training's, tile by tile and without seams."""

from __future__ import annotations

import copy
from collections.abc import Callable
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.models.chunks import chunk_of
from edgan.models.inference import is_map, noise_of
from edgan.models.model import Model
from edgan.models.reconstruction import Reconstruction
from edgan.models.shared_norms import SharedNorms, norms_over_positions

STEP = 8
"""Tiles start at multiples of at least this many pixels, so that the coarsest map of noise can be cut with them."""
WIDE = 512
"""Least side of the tiles of convolutional networks, in pixels, where the picture is as large."""


@dataclass(frozen=True)
class Grid:
    """Tiles of a picture.

    Attributes:
        shape: (H, W) of the picture.
        tile: (h, w) of each tile.
        places: (y, x) of each tile's corner.
    """

    shape: tuple[int, int]
    tile: tuple[int, int]
    places: tuple[tuple[int, int], ...]

    @classmethod
    def over(cls, shape: tuple[int, int], largest: int, step: int = STEP) -> Grid:
        """Tiles with sides of at most `largest` pixels, at most half a tile apart, at multiples of `step`."""
        tile = (min(largest, shape[0]), min(largest, shape[1]))
        down, right = (starts(side, size, step) for side, size in zip(shape, tile, strict=True))
        return cls(shape, tile, tuple((y, x) for y in down for x in right))

    def cut(self, picture: Tensor, scale: int = 1) -> Tensor:
        """(1, C, H, W) to its tiles (T, C, h, w). For a map of the picture, `scale` times smaller, so are the tiles."""
        height, width = (side // scale for side in self.tile)
        corners = [(y // scale, x // scale) for y, x in self.places]
        return torch.cat([picture[:, :, y : y + height, x : x + width] for y, x in corners])

    def shares(self) -> Tensor:
        """The weights of each tile's pixels, (T, 1, h, w); at each pixel of the picture they add up to 1."""
        weights = []
        for place in self.places:
            down, right = (_ramp(*sides) for sides in zip(self.tile, place, self.shape, strict=True))
            weights.append(down[:, None] * right[None, :])
        stacked = torch.stack(weights)[:, None]
        return stacked / self.cut(self._summed(stacked))

    def blend(self, tiles: Tensor) -> Tensor:
        """Tiles (T, C, h, w) to one picture (1, C, H, W): at each pixel, the weighted mean of its tiles."""
        return self._summed(tiles * self.shares().to(tiles))

    def _summed(self, tiles: Tensor) -> Tensor:
        total = tiles.new_zeros(1, tiles.shape[1], *self.shape)
        height, width = self.tile
        for tile, (y, x) in zip(tiles, self.places, strict=True):
            total[..., y : y + height, x : x + width] += tile
        return total


def translate_in_tiles(
    model: Model, source: Tensor, seed: int = 0, style: Tensor | None = None, position: int = 0
) -> Reconstruction:
    """Translate one picture of any size.

    Tiles overlap by half and are blended by weights that rise from 0 at a tile's border to 1, so that no seam shows.
    A map of noise is drawn once for the whole picture and cut with it; other noise is the same for all tiles.

    A network with a fixed size gets tiles of that size. Where all networks are convolutional (`Method.multiple`), tiles
    have twice the training's side and at least 512 pixels, so that everything a pixel depends on lies in its tile, and
    norms over positions (AdaIN's) use the statistics of the whole picture. The result is that of a forward over the
    whole picture, except for dependences that reach beyond the outer 3/16 of a tile.

    Args:
        model: it must be able to translate.
        source: (1, C', H, W) in [-1, 1].
        seed: of the noise.
        style: (1, Z), as `Model.translate` takes it.
        position: of the picture in its folder; each position has its own noise.

    Returns:
        base, residual and output, each (1, C, H, W).

    Raises:
        UsageError: as `Model.translate`.
    """
    multiple, (height, width) = model.method.multiple, source.shape[2:]
    step = max(STEP, multiple or 0)
    tall, wide = (max(model.size, -(-side // step) * step) for side in (height, width))
    padded = F.pad(source, (0, wide - width, 0, tall - height), mode="replicate")
    model = _with_own_hooks(model)
    grid = Grid.over((tall, wide), model.size if multiple is None else max(2 * model.size, WIDE), step)
    tiles, noise = grid.cut(padded), _noise(model, (seed, position), grid)

    def translated(which: slice) -> Reconstruction:
        return model.translate(tiles[which], seed, style, {name: value[which] for name, value in noise.items()})

    made = _all_tiles(model, translated, grid)
    return Reconstruction(*(grid.blend(picture)[:, :, :height, :width] for picture in made))


def _with_own_hooks(model: Model) -> Model:
    """The model on modules of its own with the same weights, whose hooks no other thread's forward calls."""
    own = copy.copy(model)
    own.networks = {name: _sharing(network) for name, network in model.networks.items()}
    return own


def _sharing(network: nn.Module) -> nn.Module:
    """A copy of a network whose weights and buffers are those of the network itself, and not copies."""
    return copy.deepcopy(network, {id(tensor): tensor for tensor in (*network.parameters(), *network.buffers())})


def _all_tiles(model: Model, translated: Callable[[slice], Reconstruction], grid: Grid) -> Reconstruction:
    """All tiles, translated; fully convolutional networks normalise with the statistics of the whole picture."""
    count, step = len(grid.places), chunk_of(grid.tile[0] * grid.tile[1], model.device)
    whole = model.method.multiple is not None and count > 1
    norms = norms_over_positions(model.networks[name] for name in model.method.inference) if whole else []
    made: list[Reconstruction] = []
    shared = SharedNorms(norms, grid.shares())

    def draw() -> None:
        made.clear()
        for start in range(0, count, step):
            which = slice(start, start + step)
            with shared.batch(which):
                made.append(translated(which))

    shared.run(draw)
    return Reconstruction(*(torch.cat(batches) for batches in zip(*made, strict=True)))


def starts(side: int, size: int, step: int = STEP) -> list[int]:
    """Where tiles of `size` pixels start along a side of a picture: at most half a tile apart, at multiples of `step`.

    Args:
        side, size: in pixels, multiples of `step`, or equal.
        step: in pixels.
    """
    stride = max(step, size // 2 // step * step)
    return [*range(0, side - size, stride), side - size]


def _ramp(size: int, start: int, side: int) -> Tensor:
    """Weights along a tile: almost 0 in its outer 3/16 and 1 from 5/16 on; 1 at the edge of the picture itself."""
    places = torch.arange(size) + 0.5
    rise = ((places - 3 * size / 16) / (size / 8)).clamp(1e-6, 1.0)
    before = torch.ones(size) if start == 0 else rise
    after = torch.ones(size) if start + size == side else rise.flip(0)
    return torch.minimum(before, after)


def _noise(model: Model, key: tuple[int, int], grid: Grid) -> dict[str, Tensor]:
    """The noise of every tile of the picture with this seed and position, by tap."""
    tiles = {}
    for name, whole in noise_of(model.method, key[0], [key[1]], model.size, grid.shape).items():
        _, shape = model.method.plan.tap[name].noise or ("", ())
        if is_map(shape, model.size):
            tiles[name] = grid.cut(whole, model.size // shape[1])
        else:
            tiles[name] = whole.expand(len(grid.places), *whole.shape[1:])
    return tiles
