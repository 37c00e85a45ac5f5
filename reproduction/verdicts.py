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
    """Data that knows all its names."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class Figure(Strict):
    """A figure with its 95 % interval; None where one value alone gives none."""

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
    def found(self) -> Verdict:
        """Holds where the whole interval is above 0, does not where it is below, and else is open."""
        if self.low is None or self.high is None or self.low <= 0 <= self.high:
            return UNDECIDED
        return HOLDS if self.low > 0 else FAILS


def figure(values: Sequence[float]) -> Figure:
    """Mean and 95 % interval of a figure over seeds: Student's t.

    Args:
        values: one for each seed, finite.
    """
    mean, count = fmean(values), len(values)
    if count < 2:
        return Figure(mean=mean, low=None, high=None, values=tuple(values))
    half = float(stdtrit(count - 1, (1 + CONFIDENCE) / 2)) * stdev(values) / math.sqrt(count)
    return Figure(mean=mean, low=mean - half, high=mean + half, values=tuple(values))


def above_zero(name: str, values: Sequence[float]) -> Check:
    """The check that a quantity, measured once for each seed, is above 0."""
    found = figure(values)
    return Check(name=name, mean=found.mean, low=found.low, high=found.high)


def counted(name: str, margin: float) -> Check:
    """A check of something that was counted and not sampled: its interval is a point."""
    return Check(name=name, mean=margin, low=margin, high=margin)


def verdict_of(checks: Sequence[Check], done: int, of: int) -> Verdict:
    """The verdict on a claim.

    Args:
        checks: all that the claim says.
        done, of: units of work done and needed; a row that is not finished is not decided.

    Returns:
        "holds" where every check does, "does not hold" where one does not, and else "cannot be decided at this budget".
    """
    if done < of or not checks:
        return UNDECIDED
    found = [check.found for check in checks]
    if FAILS in found:
        return FAILS
    return HOLDS if set(found) == {HOLDS} else UNDECIDED
