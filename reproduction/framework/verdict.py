"""Tests over trainings, and the verdict that follows from them. Nobody writes a verdict by hand.

Every interval is over seeds, each a training of its own, never over subsets of the test images. Three tests are used:
an order (a quantity is above 0), an equivalence (a difference lies within a margin on both sides), and a count, which
has no sampling error. Tests are one-sided at 2.5 %, so that they agree with the 95 % intervals that are shown.

A claim says that all of its checks hold. To hold, each must hold at its own level, which needs no correction (an
intersection-union test: Berger 1982). To fail, one failure suffices, so the failures of several checks are corrected
for their number (Holm 1979).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean, stdev
from typing import Literal

from pydantic import BaseModel, ConfigDict
from scipy.special import stdtr, stdtrit

Verdict = Literal["holds", "does not hold", "cannot be decided at this budget"]
Kind = Literal["order", "equivalence", "rank correlation", "count"]
HOLDS: Verdict = "holds"
FAILS: Verdict = "does not hold"
UNDECIDED: Verdict = "cannot be decided at this budget"
NOT_RUN = "not run"
CONFIDENCE = 0.95
LEVEL = (1 - CONFIDENCE) / 2
"""Of a one-sided test."""
RANKED_SEEDS = 5
"""A rank correlation of a few models moves in large steps: with fewer seeds it is not judged."""


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
    """A quantity on which the claim depends, with its 95 % interval.

    Attributes:
        name: of the quantity.
        mean, low, high: over seeds; no interval if the values do not show how far they scatter.
        kind: "order" and "rank correlation": the claim says that it is above 0. "equivalence": that it lies within
            `margin` of 0. "count": that it is above 0, without sampling error.
        margin: of an equivalence, in the quantity's units.
        seeds: number of values; None for a count.
    """

    name: str
    mean: float
    low: float | None
    high: float | None
    kind: Kind = "order"
    margin: float = 0.0
    seeds: int | None = None

    @property
    def verdict(self) -> Verdict:
        """Holds if the whole interval lies where the claim says, does not hold if none of it does, else undecided."""
        if self.low is None or self.high is None:
            return UNDECIDED
        if self.kind == "rank correlation" and (self.seeds or 0) < RANKED_SEEDS:
            return UNDECIDED
        if self.kind == "equivalence":
            if -self.margin < self.low and self.high < self.margin:
                return HOLDS
            return FAILS if self.low > self.margin or self.high < -self.margin else UNDECIDED
        if self.low > 0:
            return HOLDS
        return FAILS if self.high < 0 else UNDECIDED

    @property
    def p_failure(self) -> float | None:
        """The one-sided p value of "does not hold"; None if the values do not show how far they scatter."""
        if self.kind == "count":
            return 0.0 if self.mean < 0 else 1.0
        if self.low is None or self.high is None or self.seeds is None:
            return None
        freedom = self.seeds - 1
        error = (self.high - self.low) / 2 / float(stdtrit(freedom, (1 + CONFIDENCE) / 2))
        beyond = abs(self.mean) - self.margin if self.kind == "equivalence" else -self.mean
        return float(stdtr(freedom, -beyond / error))


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
    return _check(name, values, step, "order")


def rank_correlation(name: str, values: Sequence[float], step: float = 0.0) -> Check:
    """The check that a rank correlation is above 0, or above what was taken off it; needs `RANKED_SEEDS` seeds."""
    return _check(name, values, step, "rank correlation")


def equivalent(name: str, values: Sequence[float], margin: float, step: float = 0.0) -> Check:
    """The check that a difference, measured once for each seed, lies within a margin of 0 (two one-sided tests)."""
    return _check(name, values, step, "equivalence", margin)


def _check(name: str, values: Sequence[float], step: float, kind: Kind, margin: float = 0.0) -> Check:
    found = figure(values, step)
    return Check(
        name=name, mean=found.mean, low=found.low, high=found.high, kind=kind, margin=margin, seeds=len(values)
    )


def counted(name: str, margin: float) -> Check:
    """A check of a count, which has no sampling error: its interval is a point."""
    return Check(name=name, mean=margin, low=margin, high=margin, kind="count")


def differences(first: Sequence[float], second: Sequence[float]) -> list[float]:
    """first - second, seed by seed."""
    return [a - b for a, b in zip(first, second, strict=True)]


def holm(values: Sequence[float]) -> list[float]:
    """P values adjusted for their number, in their order (Holm, Scandinavian Journal of Statistics 1979)."""
    order = sorted(range(len(values)), key=lambda index: values[index])
    adjusted, largest = [0.0] * len(values), 0.0
    for rank, index in enumerate(order):
        largest = max(largest, min(1.0, (len(values) - rank) * values[index]))
        adjusted[index] = largest
    return adjusted


def verdicts_of(checks: Sequence[Check]) -> list[Verdict]:
    """The verdict on each check of a claim; failures are corrected for the number of checks."""
    corrected = holm([1.0 if check.p_failure is None else check.p_failure for check in checks])
    return [
        UNDECIDED if check.verdict == FAILS and p > LEVEL else check.verdict
        for check, p in zip(checks, corrected, strict=True)
    ]


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
    verdicts = verdicts_of(checks)
    if FAILS in verdicts:
        return FAILS
    return HOLDS if set(verdicts) == {HOLDS} else UNDECIDED
