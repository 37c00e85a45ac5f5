"""Which samples a step sees: pure functions of (seed, step), so that a resumed run continues exactly."""

from __future__ import annotations

import functools

import numpy as np

from edgan.errors import UsageError


def order(seed: int, epoch: int, n: int) -> np.ndarray:
    """The order in which epoch `epoch` visits n samples: a permutation of 0..n-1, (n,) int64.

    A pure function: the same arguments give the same order on every machine and in every process.
    """
    return _order(seed, epoch, n).copy()


def batch_indices(seed: int, step: int, batch: int, n: int, positions: np.ndarray | None = None) -> np.ndarray:
    """The samples that global step `step` (from 0) sees, (batch,) int64.

    The orders of the epochs are concatenated and cut into batches. A batch may span the end of an epoch; within an
    epoch no sample is dropped or repeated.

    Args:
        seed: the run's seed.
        step: the global step, 0 or more.
        batch: samples per step, over all ranks.
        n: the number of samples; with `positions`, its length.
        positions: (n,) positions in the data set to draw from, as `Dataset.indices` returns them. None: 0..n-1.

    Raises:
        UsageError: n or batch is below 1, step is below 0, or `positions` is not of length n.
    """
    if n < 1 or batch < 1 or step < 0:
        raise UsageError(f"n and batch must be at least 1 and step at least 0 (got n={n}, batch={batch}, step={step}).")
    if positions is not None and len(positions) != n:
        raise UsageError(f"positions must have length n (got {len(positions)} positions and n={n}).")
    first, stop = step * batch, (step + 1) * batch
    pieces = []
    for epoch in range(first // n, (stop - 1) // n + 1):
        begin = epoch * n
        pieces.append(_order(seed, epoch, n)[max(first - begin, 0) : stop - begin])
    drawn = np.concatenate(pieces)
    return drawn if positions is None else np.asarray(positions, dtype=np.int64)[drawn]


def rank_slice(indices: np.ndarray, rank: int, world: int) -> np.ndarray:
    """The contiguous slice of a step's samples that process `rank` of `world` works on.

    The slices of all ranks, concatenated, are `indices`. If it does not divide evenly, the first ranks get one more.

    Args:
        indices: (batch,) the samples of the step.
        rank: of this process, 0..world-1.
        world: the number of processes.

    Raises:
        UsageError: `rank` is not in 0..world-1.
    """
    if not 0 <= rank < world:
        raise UsageError(f"rank must be between 0 and {world - 1} (got {rank}).")
    return np.array_split(indices, world)[rank]


@functools.lru_cache(maxsize=4)  # all steps of an epoch use the same order
def _order(seed: int, epoch: int, n: int) -> np.ndarray:
    permutation = np.random.Generator(np.random.PCG64([seed % 2**64, epoch])).permutation(n)
    permutation.setflags(write=False)
    return permutation
