"""How far an edit moves each factor of pictures whose factors are known, by a reader taught on such pictures.

A reader's guess of a factor is drawn towards the mean, the more so the worse the factor shows: for each unit that the
factor itself moves, the guess moves by less than one. Movements are therefore divided by that slope, and of a factor
that hardly shows nothing is said.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edgan.errors import UsageError

SEEN = 0.25
"""Of a factor seen less than this, the movement is not told: it would be noise, four times and more enlarged."""
NORMAL_95 = 1.96

MOVEMENT_PROTOCOL = (
    "mean change of a reader's guess of each factor, over the slope of that guess on the true factor in pictures that "
    "the same model drew again"
)


@dataclass(frozen=True)
class Movement:
    """How far each factor that shows was moved, in the unit of the readings.

    Attributes:
        names: of the factors that show, K of them.
        mean: (K,) over images, of either sign.
        noise: (K,) half of the 95 % interval of that mean over images.
    """

    names: tuple[str, ...]
    mean: NDArray[np.float64]
    noise: NDArray[np.float64]

    def of(self, name: str) -> float:
        """The movement of one factor.

        Raises:
            UsageError: it does not show.
        """
        if name not in self.names:
            raise UsageError(f"{name} does not show in these pictures; what does: {', '.join(self.names)}.")
        return float(self.mean[self.names.index(name)])


def factors_seen(readings: NDArray[np.float64], values: NDArray[np.float64]) -> NDArray[np.float64]:
    """How far a reader's guess of each factor moves for each unit of the factor: the slope of least squares.

    Args:
        readings: (N, K) what the reader makes of N pictures that it was not taught on.
        values: (N, K) their true factors, in the unit of the readings.

    Returns:
        (K,): 1 where a factor is read exactly, 0 where it does not show (or never differs).
    """
    readings, values = np.asarray(readings, float), np.asarray(values, float)
    values = values - values.mean(0)
    spread = (values**2).mean(0)
    return (readings * values).mean(0) / np.where(spread > 0, spread, np.inf)


def factors_moved(
    names: Sequence[str], low: NDArray[np.float64], high: NDArray[np.float64], seen: NDArray[np.float64]
) -> Movement:
    """How far an edit moved each factor that shows (`SEEN`).

    Args:
        names: of the K factors.
        low, high: (N, K) a reader's guesses of N images, 2 or more, edited to the lower and to the higher intensity.
        seen: (K,) of `factors_seen`, on pictures drawn as the edited ones are.

    Raises:
        UsageError: fewer than two images.
    """
    change = np.asarray(high, float) - np.asarray(low, float)
    if len(change) < 2:
        raise UsageError("The interval of a movement needs two images or more.")
    shows = np.asarray(seen) >= SEEN
    change = change[:, shows] / np.asarray(seen, float)[shows]
    noise = NORMAL_95 * change.std(0, ddof=1) / np.sqrt(len(change))
    return Movement(tuple(np.array(names)[shows].tolist()), change.mean(0), noise)
