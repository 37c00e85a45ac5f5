"""Axes of figures: limits, ticks and the text of the ticks, on a linear or a logarithmic scale."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

MARGIN = 0.05
LINEAR_STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
INTEGER_STEPS = (1.0, 2.0, 5.0, 10.0)
FEWEST_TICKS = 3
MOST_LOG_TICKS = 7


@dataclass(frozen=True)
class Axis:
    """An axis from `low` to `high`, in the unit of the data.

    Attributes:
        low, high: the limits, low < high; positive on a logarithmic axis.
        ticks: ascending values within the limits, and 0 where `zero`.
        labels: their texts.
        log: logarithmic.
        zero: a logarithmic axis that also shows 0, one decade below `low`.
    """

    low: float
    high: float
    ticks: tuple[float, ...]
    labels: tuple[str, ...]
    log: bool = False
    zero: bool = False

    def position(self, value: float) -> float:
        """Where a value lies: 0 at the start of the axis, 1 at its end, beyond both outside the limits.

        NaN for a value that the axis cannot show: one that is not finite, or not positive on a logarithmic axis.
        """
        if not math.isfinite(value):
            return math.nan
        if not self.log:
            return (value - self.low) / (self.high - self.low)
        low, high = math.log10(self.low), math.log10(self.high)
        start = low - 1 if self.zero else low
        if value > 0:
            return (math.log10(value) - start) / (high - start)
        return 0.0 if value == 0 and self.zero else math.nan


def linear_axis(
    values: Iterable[float],
    *,
    limits: tuple[float, float] | None = None,
    intervals: int = 4,
    integer: bool = False,
) -> Axis:
    """A linear axis.

    Args:
        values: what it must show; values that are not finite are ignored. Without any, the axis runs from 0 to 1.
        limits: (low, high); None: the range of the values and a margin of 5 % on both sides.
        intervals: how many intervals between ticks at most; twice as many where there would be fewer than three ticks.
        integer: ticks are whole numbers.
    """
    low, high = limits or _with_margin(*_range(values))
    if not low < high:
        low, high = _with_margin(low, low)
    step, ticks = _ticks(low, high, intervals, integer)
    if len(ticks) < FEWEST_TICKS:
        step, ticks = _ticks(low, high, 2 * intervals, integer)
    return Axis(low, high, ticks, tuple(_text(tick, step) for tick in ticks))


def log_axis(
    values: Iterable[float], *, limits: tuple[float, float] | None = None, to_ticks: bool = True, zero: bool = False
) -> Axis:
    """A logarithmic axis.

    Args:
        values: what it must show; those that are not positive are ignored. Without any, the axis runs from 1 to 10.
        limits: positive (low, high); None: the range of the values.
        to_ticks: widen the limits to the next ticks; otherwise by 5 % of the axis.
        zero: also show 0, one decade below the lower limit.
    """
    low, high = limits or _range((value for value in values if value > 0), default=(1.0, 10.0))
    ticks = log_ticks(low, high)
    if to_ticks:
        low, high = ticks[0], ticks[-1]
    else:
        edge = (high / low) ** MARGIN if high > low else 1.1
        low, high = low / edge, high * edge
    shown = [tick for tick in ticks if low <= tick <= high] or [low]
    shown = [*([0.0] if zero else []), *shown[:: math.ceil(len(shown) / MOST_LOG_TICKS)]]
    return Axis(low, high, tuple(shown), tuple(f"{tick:.3g}" for tick in shown), log=True, zero=zero)


def log_ticks(low: float, high: float) -> list[float]:
    """Ticks of a logarithmic axis, from at or below `low` to at or above `high`: 1, 2, 5, ... within two decades,
    powers of ten beyond.

    Args:
        low, high: positive.
    """
    first, last = math.floor(math.log10(low)), math.ceil(math.log10(high) + 1e-9)
    steps = (1, 2, 5) if high / low < 100 else (1,)
    ticks = [float(f"{step}e{power}") for power in range(first, last + 1) for step in steps]
    below = max(tick for tick in ticks if tick <= low)
    above = min(tick for tick in ticks if tick >= high)
    kept = [tick for tick in ticks if below <= tick <= above]
    return kept if len(kept) > 1 else [below, below * 2]


def _range(values: Iterable[float], default: tuple[float, float] = (0.0, 1.0)) -> tuple[float, float]:
    finite = [float(value) for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else default


def _with_margin(low: float, high: float) -> tuple[float, float]:
    margin = MARGIN * ((high - low) or abs(low) or 1.0)
    return low - margin, high + margin


def _ticks(low: float, high: float, intervals: int, integer: bool) -> tuple[float, tuple[float, ...]]:
    """The smallest round step that makes no more than `intervals` intervals, and its multiples within the limits."""
    least = (high - low) / intervals
    if integer:
        least = max(least, 1.0)
    power = 10.0 ** math.floor(math.log10(least))
    steps = INTEGER_STEPS if integer else LINEAR_STEPS
    step = next(step * power for step in steps if step * power >= least * (1 - 1e-9))
    slack = 1e-9 * (high - low)
    first, last = math.ceil((low - slack) / step), math.floor((high + slack) / step)
    return step, tuple(number * step for number in range(first, last + 1))


def _text(value: float, step: float) -> str:
    """A tick as text, with the digits that its step needs: "0.25", "2,000", "1e-06"."""
    if step < 1e-5 or abs(value) >= 1e9:
        text = f"{value:.3g}"
    else:
        exponent = math.floor(math.log10(step) + 1e-9)
        digits = max(0, -exponent + (abs(step / 10.0**exponent - 2.5) < 1e-6))
        text = f"{value + 0.0:,.{digits}f}"
    return text.replace("-", "−")
