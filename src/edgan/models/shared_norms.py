"""Normalisation with the statistics of a whole picture, while the picture goes through the networks in tiles.

Instance norm (AdaIN's), group norm and batch norm without running statistics divide a map by its spread over the
positions of a picture. Computed on a tile alone, this is the spread of the tile: a tile of plain wall would be
stretched until it looked like a street. Here the statistics of all tiles are collected first, one norm after the other,
because the input of a norm depends on the norms before it. N norms take N passes over the tiles, each only as far as
its norm.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from edgan.nets.precision import widened


class _CollectedError(Exception):
    """The statistics of a norm are collected; the rest of the forward is not needed."""


def norms_over_positions(networks: Iterable[nn.Module]) -> list[nn.Module]:
    """The norms in networks that use the statistics of their current input, over its positions."""
    return [module for network in networks for module in network.modules() if _over_positions(module)]


def _over_positions(module: nn.Module) -> bool:
    if isinstance(module, nn.InstanceNorm2d | nn.BatchNorm2d):
        return not module.track_running_stats
    return isinstance(module, nn.GroupNorm)


class SharedNorms:
    """Sends the tiles of a picture through networks whose norms share their statistics.

    Args:
        norms: of the networks, from `norms_over_positions`. Without any, there is a single pass.
        weights: (T, 1, S, S), the weight of each pixel of each tile; over the tiles of a picture they add up to 1 at
            each of its pixels.
    """

    def __init__(self, norms: list[nn.Module], weights: Tensor) -> None:
        self._norms, self._weights = norms, weights
        self._known: list[tuple[Tensor, Tensor]] = []
        self._sums: list[Tensor] = []
        self._call = 0
        self._tiles = slice(0)

    def run(self, draw: Callable[[], object]) -> None:
        """Call `draw` until all norms use the statistics of the whole picture; only its last call gives valid results.

        Args:
            draw: sends all tiles through the networks, batch by batch, each inside `batch`.
        """
        with self._hooked():
            while True:
                self._sums = []
                draw()
                if not self._sums:
                    return
                weight, first, second = self._sums
                mean = first / weight
                self._known.append((mean, (second / weight - mean.square()).clamp_min(0.0)))

    @contextmanager
    def batch(self, tiles: slice) -> Iterator[None]:
        """Enclose the forward of one batch, `tiles` of all tiles; a pass that collects statistics stops early."""
        self._tiles, self._call = tiles, 0
        with suppress(_CollectedError):
            yield

    @contextmanager
    def _hooked(self) -> Iterator[None]:
        handles = [norm.register_forward_hook(self._hook) for norm in self._norms]
        try:
            yield
        finally:
            for handle in handles:
                handle.remove()

    def _hook(self, norm: nn.Module, inputs: tuple[Tensor, ...], _output: Tensor) -> Tensor:
        """Counts calls rather than norms, since a network may be called more than once in a forward."""
        (maps,) = inputs
        if self._call == len(self._known):
            self._add(maps)
            raise _CollectedError
        mean, variance = self._known[self._call]
        self._call += 1
        return _normalised(norm, maps, mean, variance)

    def _add(self, maps: Tensor) -> None:
        """Add the weighted sums of 1, of the maps and of their squares: (), (C,), (C,), in double precision."""
        weights = widened(F.adaptive_avg_pool2d(self._weights[self._tiles].to(maps), (maps.shape[-2], maps.shape[-1])))
        values = widened(maps)
        sums = [weights.sum(), (weights * values).sum((0, 2, 3)), (weights * values.square()).sum((0, 2, 3))]
        self._sums = [a + b for a, b in zip(self._sums, sums, strict=True)] if self._sums else sums


def _normalised(norm: nn.Module, maps: Tensor, mean: Tensor, variance: Tensor) -> Tensor:
    """The output of the norm for maps with this mean and variance, both (C,)."""
    assert isinstance(norm, nn.InstanceNorm2d | nn.BatchNorm2d | nn.GroupNorm)
    if isinstance(norm, nn.GroupNorm):
        mean, variance = _of_groups(mean, variance, norm.num_groups)
    scale = torch.rsqrt(variance + norm.eps)
    shift = -mean * scale
    if norm.weight is not None:
        scale, shift = scale * norm.weight, shift * norm.weight + norm.bias
    return maps * scale.to(maps)[:, None, None] + shift.to(maps)[:, None, None]


def _of_groups(mean: Tensor, variance: Tensor, groups: int) -> tuple[Tensor, Tensor]:
    """Statistics of channels to those of their groups, repeated for each channel of a group."""
    means, squares = mean.view(groups, -1), (variance + mean.square()).view(groups, -1)
    whole = means.mean(1, keepdim=True)
    spread = squares.mean(1, keepdim=True) - whole.square()
    return whole.expand_as(means).flatten(), spread.expand_as(means).flatten()
