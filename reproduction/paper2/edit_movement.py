"""How far an edit of a rendered face moves the edited factor, and every other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

from reproduction.paper2.factor_reading import ASKED


class EditMovement:
    """How far one edit moved each factor.

    A turn is a movement from one end of a factor's range to the other.

    Args:
        name: the edited attribute.
        moved: factor -> {"turns": [mean, noise], "deviations": [mean, noise]}, the visible factors alone.
    """

    def __init__(self, name: str, moved: Mapping[str, Any]) -> None:
        self._own, self._moved = ASKED[name], moved
        self._sign = -1 if name == "Young" else 1
        self._others = [factor for factor in moved if factor.partition(":")[0] != self._own.partition(":")[0]]

    def edited(self, unit: str = "turns") -> float:
        """How far the edited factor moved in the intended direction; 0 if it is not visible."""
        return self._sign * float(self._moved[self._own][unit][0]) if self._own in self._moved else 0.0

    def next(self, unit: str = "turns", left_out: Sequence[str] = ()) -> float:
        """The largest movement of another factor, except those left out."""
        return max(self._sizes(unit, left_out), default=0.0)

    def times(self, unit: str, left_out: Sequence[str] = ()) -> float:
        """The edited factor's movement relative to the next largest."""
        return self.edited(unit) / max(self.next(unit, left_out), 1e-9)

    def noise(self) -> float:
        """Half-width of the interval over faces of the next factor's movement, in turns."""
        both = (self._moved[factor]["turns"] for factor in self._others)
        return max(((abs(mean), noise) for mean, noise in both), default=(0.0, 0.0))[1]

    def leak(self) -> float:
        """The other factors' mean movement relative to the edited one's, in turns."""
        sizes = self._sizes("turns")
        return fmean(sizes) / max(self.edited(), 1e-9) if sizes else 0.0

    def others(self, unit: str = "turns") -> dict[str, float]:
        """How far each of the other factors moved, in either direction."""
        return {factor: abs(float(self._moved[factor][unit][0])) for factor in self._others}

    def _sizes(self, unit: str, left_out: Sequence[str] = ()) -> list[float]:
        return [size for factor, size in self.others(unit).items() if factor.partition(":")[0] not in left_out]


def times_on_average(edits: Sequence[EditMovement]) -> float:
    """The edited factor's turns relative to the next largest, both averaged over seeds first.

    The largest of many movements is inflated by noise, and differs from seed to seed. Only factors that are visible
    with every seed count.
    """
    moved = [edit.others() for edit in edits]
    visible = [factor for factor in moved[0] if all(factor in movements for movements in moved)]
    most = max((fmean(movements[factor] for movements in moved) for factor in visible), default=0.0)
    return fmean(edit.edited() for edit in edits) / max(most, 1e-9)
