"""Leakage: which other attributes change when one is edited."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgan.errors import UsageError

LEAKAGE_PROTOCOL = (
    "change of each attribute's score by a separately trained classifier, from the lower to the higher intensity, mean "
    "over images, in standard deviations of that score over unedited images"
)


@dataclass(frozen=True)
class Leakage:
    """How far each attribute's score moves when one is edited.

    Attributes:
        names: of the A attributes.
        matrix: (K, A): row k is the change of every attribute's score when the k-th edited one is turned up.
        edited: (K,) the columns of the edited ones.
    """

    names: tuple[str, ...]
    matrix: NDArray[np.float64]
    edited: tuple[int, ...]

    @property
    def moved(self) -> NDArray[np.float64]:
        """(K,) the change of the edited attribute itself."""
        return self.matrix[np.arange(len(self.edited)), list(self.edited)]

    @property
    def leaked(self) -> NDArray[np.float64]:
        """(K,) the mean absolute change of the other attributes."""
        return self._others().mean(1)

    @property
    def ratio(self) -> NDArray[np.float64]:
        """(K,) how many times as far the edited attribute moves as the other one that moves most."""
        return self.moved / np.maximum(self._others().max(1), 1e-12)

    def _others(self) -> NDArray[np.float64]:
        columns = np.arange(self.matrix.shape[1])
        return np.stack([np.abs(row[columns != own]) for row, own in zip(self.matrix, self.edited, strict=True)])


def leakage(
    names: Sequence[str],
    low: dict[str, NDArray[np.float64]],
    high: dict[str, NDArray[np.float64]],
    unedited: NDArray[np.float64],
) -> Leakage:
    """The leakage matrix from a reader's scores.

    Args:
        names: of the A attributes that the reader scores.
        low, high: edited attribute to scores (N, A) of the images edited to the lower and the higher intensity.
        unedited: (M, A) scores of real images; their standard deviation is the unit.

    Raises:
        UsageError: an edited attribute that the reader does not score, or fewer than two attributes.
    """
    if len(names) < 2:
        raise UsageError(f"names must hold at least 2 attributes (got {len(names)}): with one, nothing else can move.")
    missing = [name for name in high if name not in names]
    if missing:
        raise UsageError(f"The reader does not score {', '.join(missing)}; it scores {', '.join(names)}.")
    unit = np.maximum(np.asarray(unedited, float).std(0), 1e-12)
    rows = [(np.asarray(high[name], float) - np.asarray(low[name], float)).mean(0) / unit for name in high]
    return Leakage(tuple(names), np.stack(rows), tuple(list(names).index(name) for name in high))
