"""How far an edit moves each factor of pictures whose factors are known, by a reader trained on such pictures.

A reader's guess of a factor shrinks towards the mean, and the more so the less visible the factor is: for each unit
that the factor itself moves, the guess moves by less than one. Movements are therefore divided by that slope, and a
factor that is hardly visible is left out.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgan.errors import UsageError

SEEN = 0.25
"""The least slope of a visible factor. Dividing by less would enlarge noise more than four times."""
NORMAL_95 = 1.96

MOVEMENT_PROTOCOL = (
    "mean change of a reader's guess of each factor, over the slope of that guess on the true factor in pictures that "
    "the same model redrew"
)


@dataclass(frozen=True)
class Movement:
    """How far each visible factor was moved, in the unit of the readings.

    Attributes:
        names: of the K visible factors.
        mean: (K,) over images, of either sign.
        noise: (K,) half the width of the 95 % interval of that mean.
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    noise: NDArray[np.float64]

    def of(self, name: str) -> float:
        """The movement of one factor.

        Raises:
            UsageError: it is not visible in the pictures.
        """
        if name not in self.names:
            raise UsageError(f"{name} is not visible in these pictures; visible are: {', '.join(self.names)}.")
        return float(self.mean[self.names.index(name)])


def factors_seen(readings: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far a reader's guess of each factor moves for each unit of the factor: the slope of least squares.

    Args:
        readings: (N, K) the reader's guesses of N pictures that it was not trained on.
        values: (N, K) their true factors, in the unit of the readings.

    Returns:
        (K,): 1 where a factor is read exactly, 0 where it is not visible or never differs.
    """
    readings, values = np.asarray(readings, float), np.asarray(values, float)
    values = values - values.mean(0)
    spread = (values**2).mean(0)
    return (readings * values).mean(0) / np.where(spread > 0, spread, np.inf)


def factors_moved(
    names: Sequence[str], low: NDArray[np.float64], high: NDArray[np.float64], seen: NDArray[np.float64]
) -> Movement:
    """How far an edit moved each visible factor (one whose slope is at least `SEEN`).

    Args:
        names: of the K factors.
        low, high: (N, K) a reader's guesses of N images edited to the lower and to the higher intensity; N at least 2.
        seen: (K,) from `factors_seen`, on pictures that the same model drew.

    Raises:
        UsageError: fewer than two images.
    """
    change = np.asarray(high, float) - np.asarray(low, float)
    if len(change) < 2:
        raise UsageError(f"low and high must hold at least 2 images (got {len(change)}).")
    visible = np.asarray(seen) >= SEEN
    change = change[:, visible] / np.asarray(seen, float)[visible]
    noise = NORMAL_95 * change.std(0, ddof=1) / np.sqrt(len(change))
    return Movement(tuple(np.array(names)[visible].tolist()), change.mean(0), noise)
