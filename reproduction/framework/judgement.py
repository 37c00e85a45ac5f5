"""The verdict that is published: that of the checks, if the trainings deserve one and the code would still give it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Literal

from reproduction.framework.gates import FAILED, PASSED, UNMEASURED, Gate, GateReading, Measured
from reproduction.framework.reruns import Rerun
from reproduction.framework.results import Result
from reproduction.framework.schema import Row
from reproduction.framework.verdict import RANKED_SEEDS, UNDECIDED, Verdict

Published = Verdict | Literal["too short to say", "to be run again"]
TOO_SHORT: Published = "too short to say"
AGAIN: Published = "to be run again"
LEAST_SEEDS = 3


@dataclass(frozen=True)
class Point:
    """A point of the reviewer's checklist.

    Attributes:
        name: what a reviewer asks.
        answer: "yes", "no", "not measured" or "does not apply".
        finding: a sentence.
    """

    name: str
    answer: str
    finding: str


@dataclass(frozen=True)
class Judgement:
    """A result, judged.

    Attributes:
        row: the row; None if today's code has none, and then nothing is published but the checks' verdict.
        result: of the row.
        gates: that the row states.
        reruns: changes of the code that concern the result's row.
        mean_pictures: PSNR of the mean picture in dB, by data set.
    """

    row: Row | None
    result: Result
    gates: Sequence[Gate] = ()
    reruns: Sequence[Rerun] = ()
    mean_pictures: Mapping[str, float] | None = None

    @cached_property
    def readings(self) -> tuple[GateReading, ...]:
        """The gates, read on the result."""
        if self.row is None:
            return ()
        measured = Measured(self.row, self.result, self.mean_pictures or {})
        return tuple(gate.read(measured) for gate in self.gates)

    @property
    def stale(self) -> tuple[Rerun, ...]:
        """The changes that are newer than the result."""
        return tuple(rerun for rerun in self.reruns if rerun.concerns(self.result))

    @property
    def verdict(self) -> Published:
        """Too short to say if a gate failed or was not measured; to be run again if the code has changed since."""
        if any(reading.status != PASSED for reading in self.readings):
            return TOO_SHORT
        return AGAIN if self.stale and self.result.verdict != UNDECIDED else self.result.verdict

    @property
    def needed(self) -> str:
        """What the row needs to be decided: what its gates that are not passed ask for; "" if all are."""
        short = [reading.needed for reading in self.readings if reading.status != PASSED]
        return "; ".join(dict.fromkeys(short))

    @property
    def needed_first(self) -> str:
        """The budget that the row needs, or else what its other gates ask for; "" if all are passed."""
        budgets = [r.needed for r in self.readings if r.subject == "budget" and r.status != PASSED]
        return budgets[0] if budgets else self.needed

    @property
    def checklist(self) -> tuple[Point, ...]:
        """What a reviewer would ask of the row."""
        return (
            self._gated("Budget large enough", ("budget", "flattened")),
            self._gated("Budgets of rivals equal", ("equal budgets",)),
            self._yardstick(),
            self._statistic(),
            self._seeds(),
            self._test_split(),
        )

    def _gated(self, name: str, subjects: Sequence[str]) -> Point:
        readings = [reading for reading in self.readings if reading.subject in subjects]
        if not readings:
            return Point(name, "does not apply", "The row states no such gate.")
        statuses = {reading.status for reading in readings}
        answer = "no" if FAILED in statuses else UNMEASURED if UNMEASURED in statuses else "yes"
        return Point(name, answer, " ".join(reading.finding for reading in readings))

    def _yardstick(self) -> Point:
        gate = self._gated("Yardstick sound", ("mean picture",))
        changed = [rerun.reason for rerun in self.stale if rerun.kind == "yardstick"]
        finding = " ".join([*changed, gate.finding if gate.answer != "does not apply" else ""]).strip()
        answer = "no" if changed else "yes" if gate.answer == "does not apply" else gate.answer
        return Point(gate.name, answer, finding or "No mean picture to beat; the yardstick is the claim's own.")

    def _statistic(self) -> Point:
        checks = self.result.checks
        silent = sum(check.low is None for check in checks)
        kinds = ", ".join(dict.fromkeys(check.kind for check in checks))
        finding = f"{len(checks)} checks ({kinds}), 95 % intervals over seeds; failures corrected by Holm's method."
        if silent:
            finding += f" {silent} of them have no interval, because all seeds gave the same value."
        return Point("Statistic fits the claim", "yes" if checks and not silent else "no", finding)

    def _seeds(self) -> Point:
        ranked = any(check.kind == "rank correlation" for check in self.result.checks)
        least, seeds = RANKED_SEEDS if ranked else LEAST_SEEDS, len(self.result.seeds)
        return Point("Seeds enough", "yes" if seeds >= least else "no", f"{seeds} seeds; at least {least} are needed.")

    def _test_split(self) -> Point:
        name = "Test split untouched"
        if not self.result.data:
            return Point(name, "does not apply", "The row reads no data set; what it judges is drawn anew.")
        apart = all(read.images.get("test") and read.images.get("train") for read in self.result.data)
        counts = "; ".join(
            f"{read.name}: {read.images.get('test', 0):,} test images, {read.images.get('train', 0):,} for training"
            for read in self.result.data
        )
        return Point(name, "yes" if apart else "no", f"{counts}. Settings stand in the code before the row is run.")
