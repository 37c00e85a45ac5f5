"""Seeds of a call: one for all its pictures, or one for each."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from edgan.errors import UsageError

Seeds = int | np.integer | Sequence[int]


def seeds_of(seed: Sequence[int], count: int) -> list[int]:
    """Seeds as a list, if there is one for each of `count` pictures.

    Raises:
        UsageError: there are more or fewer, or none.
    """
    seeds = [int(number) for number in seed]
    if not seeds or len(seeds) != count:
        raise UsageError(
            f"must be one number, or one for each picture (got {len(seeds)} for {count}).", parameter="seed"
        )
    return seeds


def noise_keys(seed: Seeds, count: int) -> list[tuple[int, int]]:
    """(seed, position) of each picture's noise, as `in_use` takes them.

    A picture with a seed of its own stands at position 0, so that its noise does not depend on where it stands.

    Raises:
        UsageError: as `seeds_of`.
    """
    if isinstance(seed, int | np.integer):
        return [(int(seed), position) for position in range(count)]
    return [(number, 0) for number in seeds_of(seed, count)]
