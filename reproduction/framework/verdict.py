"""Intervals over seeds, and the verdict that follows from them. Nobody writes a verdict by hand."""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Literal

from pydantic import BaseModel, ConfigDict
from scipy.special import stdtrit

Verdict = Literal["holds", "does not hold", "cannot be decided at this budget"]
HOLDS: Verdict = "holds"
FAILS: Verdict = "does not hold"
UNDECIDED: Verdict = "cannot be decided at this budget"
NOT_RUN = "not run"
CONFIDENCE = 0.95


class Strict(BaseModel):
    """Frozen data that rejects unknown names, infinities and NaN."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Figure(Strict):
    """A figure with its 95 % interval; the ends are None if the values do not show how far they scatter."""

    mean: float
    low: float | None
    high: float | None
    values: tuple[float, ...]

    def __str__(self) -> str:
        if self.low is None or self.high is None:
            return f"{self.mean:.4g}"
        return f"{self.mean:.4g} ({self.low:.4g} to {self.high:.4g})"


class Check(Strict):
    """A quantity that the claim says is above 0, with its 95 % interval."""

    name: str
    mean: float
    low: float | None
    high: float | None

    @property
    def verdict(self) -> Verdict:
        """Holds if the whole interval is above 0, does not hold if it is below, undecided if it contains 0."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return UNDECIDED
        return HOLDS if self.low > 0 else FAILS


def figure(values: Sequence[float], step: float = 0.0) -> Figure:
    """Mean and 95 % interval (Student's t) of a figure over seeds.

    A single value has no interval, and neither have values that are all equal: they do not show that another seed would
    give the same, only that these have reached a limit or do not depend on the seed.

    Args:
        values: one for each seed, finite.
        step: of a figure that moves in steps, such as a share: its values are taken to scatter by half a step at least,
            so that equal ones have an interval too.
    """
    mean, count = fmean(values), len(values)
    deviation = 0.0 if count < 2 or len(set(values)) == 1 else stdev(values)
    deviation = max(deviation, step / 2)
    if count < 2 or deviation == 0:
        return Figure(mean=mean, low=None, high=None, values=tuple(values))
    half = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * deviation / math.sqrt(count)
    return Figure(mean=mean, low=mean - half, high=mean + half, values=tuple(values))


def single(value: float) -> Figure:
    """A figure without an interval: a count, or one number for all seeds."""
    return Figure(mean=value, low=None, high=None, values=(value,))


def above_zero(name: str, values: Sequence[float], step: float = 0.0) -> Check:
    """The check that a quantity, measured once for each seed, is above 0; `step` as of `figure`."""
    estimate = figure(values, step)
    return Check(name=name, mean=estimate.mean, low=estimate.low, high=estimate.high)


def counted(name: str, margin: float) -> Check:
    """A check of a count, which has no sampling error: its interval is a point."""
    return Check(name=name, mean=margin, low=margin, high=margin)


def differences(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """first - second, seed by seed."""
    return [a - b for a, b in zip(first, second, strict=True)]


def verdict_of(checks: Sequence[Check], done: int, of: int) -> Verdict:
    """The verdict on a claim.

    Args:
        checks: all of the claim's checks.
        done, of: units of work done and needed; an unfinished row is undecided.

    Returns:
        "holds" if every check does, "does not hold" if one does not, and "cannot be decided at this budget" otherwise.
    """
    if done < of or not checks:
        return UNDECIDED
    verdicts = [check.verdict for check in checks]
    if FAILS in verdicts:
        return FAILS
    return HOLDS if set(verdicts) == {HOLDS} else UNDECIDED
