"""Which samples a step sees: pure functions of (seed, step), so a resumed run continues exactly."""

from __future__ import annotations

import functools

import numpy as np

from edgan.errors import UsageError


def order(seed: int, epoch: int, n: int) -> np.ndarray:
    """The order in which epoch `epoch` visits n samples: a permutation of 0..n-1, (n,) int64.

    A pure function: the same arguments give the same order on every machine and in every process.
    """
    return _order(seed, epoch, n).copy()


def batch_indices(seed: int, step: int, batch: int, n: int, split: np.ndarray | None = None) -> np.ndarray:
    """The samples that global step `step` (from 0) sees, (batch,) int64.

    The epochs' orders are laid end to end and cut into batches: a batch may run across the end of an epoch,
    and within an epoch no sample is dropped or repeated.

    Args:
        seed: the run's seed.
        step: the global step, 0 or more.
        batch: samples per step, over all ranks.
        n: the number of samples; with `split`, its length.
        split: (n,) positions in the data set to draw from, as `Dataset.indices` gives them. None: 0..n-1.

    Raises:
        UsageError: there is nothing to draw from, or a size or step is out of range.
    """
    if n < 1 or batch < 1 or step < 0:
        raise UsageError(
            f"A batch needs samples to draw from, a positive size and a step from 0: got {n} samples, "
            f"batch {batch}, step {step}."
        )
    if split is not None and len(split) != n:
        raise UsageError(f"`split` holds {len(split)} positions but n is {n}; they must be equal.")
    first, stop = step * batch, (step + 1) * batch
    pieces = []
    for epoch in range(first // n, (stop - 1) // n + 1):
        begin = epoch * n
        pieces.append(_order(seed, epoch, n)[max(first - begin, 0) : stop - begin])
    drawn = np.concatenate(pieces)
    return drawn if split is None else np.asarray(split, dtype=np.int64)[drawn]


def rank_slice(indices: np.ndarray, rank: int, world: int) -> np.ndarray:
    """The contiguous slice of a step's samples that process `rank` of `world` works on.

    The slices of all ranks, end to end, are `indices`; when it does not divide, the first ranks take one more.

    Raises:
        UsageError: `rank` is not in 0..world-1.
    """
    if not 0 <= rank < world:
        raise UsageError(f"Rank {rank} is not one of the {world} processes 0 to {world - 1}.")
    return np.array_split(indices, world)[rank]


@functools.lru_cache(maxsize=4)  # the steps of an epoch ask for the same order again and again
def _order(seed: int, epoch: int, n: int) -> np.ndarray:
    permutation = np.random.Generator(np.random.PCG64([seed % 2**64, epoch])).permutation(n)
    permutation.setflags(write=False)
    return permutation
