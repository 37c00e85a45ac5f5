"""Gates: what a row's trainings must have reached before its checks count. A row states them as data."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal, Protocol

from reproduction.framework.results import Result
from reproduction.framework.schedule import with_needs
from reproduction.framework.schema import Row, Unit

Status = Literal["passed", "failed", "not measured"]
PASSED: Status = "passed"
FAILED: Status = "failed"
UNMEASURED: Status = "not measured"
MARGIN = 1.0
"""By how many dB a model must beat the mean picture: it removes a fifth of the squared error that a constant leaves."""
FLAT = 0.05
"""A loss has flattened if its mean over the last quarter of the training is at most this share below the one before."""

EARLIER = ("classifier_steps", "gan_steps", "autoencoder.steps")
"""Settings that hold the steps of a stage before the compared one."""


@dataclass(frozen=True)
class GateReading:
    """A gate, read on a result.

    Attributes:
        subject: "budget", "equal budgets", "mean picture" or "flattened".
        status: a gate without the figures that it needs is "not measured".
        finding: what was found, a sentence.
        needed: what the gate asks for, in a few words.
    """

    subject: str
    status: Status
    finding: str
    needed: str


@dataclass(frozen=True)
class Measured:
    """What gates read.

    Attributes:
        row, result: the row and its result.
        mean_pictures: PSNR of the mean picture in dB, by data set.
    """

    row: Row
    result: Result
    mean_pictures: Mapping[str, float]

    @property
    def settled(self) -> bool:
        """Whether the result was made with the settings that the row has today."""
        scale = self.row.scales.get(self.result.scale)
        return scale is not None and self.row.protocol(scale) == self.result.protocol

    @property
    def units(self) -> list[Unit]:
        """All units of the row at the result's scale."""
        keys = dict.fromkeys(self.row.data(self.result.scale), "")
        return with_needs(self.row.units(self.row.scales[self.result.scale], keys))


class Gate(Protocol):
    """A condition on a row's trainings."""

    def read(self, measured: Measured) -> GateReading:
        """Judge the condition."""


@dataclass(frozen=True)
class Budget:
    """The smallest budget at which the row's verdict is worth having (two cores, or a GPU where two are too few).

    Attributes:
        words: the budget, for people.
        least: attribute of the row's scale, dotted -> its least value, or its only one if it is text. "images" is the
            number of images that a training sees: steps times batch.
    """

    words: str
    least: Mapping[str, float | str]

    def read(self, measured: Measured) -> GateReading:
        """Passed if the scale reaches all values."""
        if not measured.settled:
            return GateReading("budget", UNMEASURED, "The row's settings have changed since this result.", self.words)
        scale = measured.row.scales[measured.result.scale]
        short = []
        for name, least in self.least.items():
            found = _value(scale, name)
            enough = found == least if isinstance(least, str) else float(found) >= least
            if not enough:
                label = name.rpartition(".")[2].replace("-", " ").replace("_", " ")
                short.append(f"{label} {_shown(found)} (needed: {_shown(least)})")
        if short:
            return GateReading("budget", FAILED, f"Too small: {', '.join(short)}.", self.words)
        return GateReading("budget", PASSED, f"Reached: {self.words}.", self.words)


@dataclass(frozen=True)
class EqualBudgets:
    """Rivals are trained equally long in the thing that the claim compares.

    Attributes:
        compared: what must be equal, for people.
        units: pattern of the names of the compared units, whose steps and batches must be equal; the steps of an
            earlier stage (`EARLIER`) are not counted.
        figures: instead, pattern of the figures that must be equal to within `share`.
        share: relative difference that counts as equal.
    """

    compared: str
    units: str = ""
    figures: str = ""
    share: float = 0.1

    def read(self, measured: Measured) -> GateReading:
        """Passed if all budgets are equal."""
        if self.figures:
            found = {
                name: value.mean
                for name, value in measured.result.figures.items()
                if re.fullmatch(self.figures, name) and value.mean > 0
            }
            if len(found) < 2:
                return self._reading(UNMEASURED, "The result holds no figure of it.")
            equal = max(found.values()) <= (1 + self.share) * min(found.values())
            listed = ", ".join(f"{name} {value:.4g}" for name, value in found.items())
            return self._reading(PASSED if equal else FAILED, f"{'Equal' if equal else 'Unequal'}: {listed}.")
        if not measured.settled:
            return self._reading(UNMEASURED, "The row's settings have changed since this result.")
        budgets = {
            re.sub(r"-(seed-)?\d+$", "", unit.name): budget_of(unit)
            for unit in measured.units
            if re.fullmatch(self.units, unit.name)
        }
        if not budgets:
            return self._reading(UNMEASURED, "The row trains none of the compared models in a unit of its own.")
        if len(set(budgets.values())) == 1:
            steps, batch = next(iter(budgets.values()))
            return self._reading(PASSED, f"Equal: {steps:,} steps{f' of {batch:,}' if batch else ''} each.")
        by_budget = ", ".join(
            f"{name} {steps:,}{f' x {batch:,}' if batch else ''}" for name, (steps, batch) in budgets.items()
        )
        return self._reading(FAILED, f"Unequal: {by_budget}.")

    def _reading(self, status: Status, finding: str) -> GateReading:
        return GateReading("equal budgets", status, finding, f"equal {self.compared}")


@dataclass(frozen=True)
class BeatsMeanPicture:
    """Every training of the named models has a PSNR above that of the training split's mean picture.

    Attributes:
        data: the set; of several, the one that the row read at its scale.
        figures: pattern of the figures that hold the models' PSNR.
        margin: in dB.
    """

    data: str | tuple[str, ...]
    figures: str
    margin: float = MARGIN

    def read(self, measured: Measured) -> GateReading:
        """Passed if the worst training is better by the margin."""
        named = (self.data,) if isinstance(self.data, str) else self.data
        data = next((name for name in named if name in measured.mean_pictures), named[0])
        words = f"{self.margin:g} dB above the mean picture of {data}"
        values = {
            name: min(value.values)
            for name, value in measured.result.figures.items()
            if re.fullmatch(self.figures, name) and value.values
        }
        if not values:
            return GateReading("mean picture", UNMEASURED, f"The result holds no PSNR on {data}.", words)
        if data not in measured.mean_pictures:
            return GateReading("mean picture", UNMEASURED, f"That of {data} was not measured.", words)
        mean = measured.mean_pictures[data]
        name, worst = min(values.items(), key=lambda item: item[1])
        status = PASSED if worst >= mean + self.margin else FAILED
        finding = f"The mean picture of {data} has {mean:.2f} dB, the worst training {worst:.2f} dB ({name})."
        return GateReading("mean picture", status, finding, words)


@dataclass(frozen=True)
class Flattened:
    """The loss of every compared training has flattened."""

    def read(self, measured: Measured) -> GateReading:
        """Passed if no training's loss still falls by more than `FLAT` from the third to the last quarter."""
        words = f"losses that fall by at most {FLAT:.0%} over the last half of the training"
        falls = measured.result.falls
        if not falls:
            return GateReading("flattened", UNMEASURED, "The result does not hold how its losses ended.", words)
        name, most = max(falls.items(), key=lambda item: item[1])
        status = PASSED if most <= FLAT else FAILED
        finding = f"The steepest loss at the end ({name}) fell by {most:.1%} from the third to the last quarter."
        return GateReading("flattened", status, finding, words)


def budget_of(unit: Unit) -> tuple[int, int]:
    """(steps, batch) of a training unit, without the steps of an earlier stage; batch 0 if the preset states it."""
    options, training = unit.options, unit.options.get("training", {})
    settings = options.get("set", {})
    earlier = sum(int(settings.get(name, 0)) for name in EARLIER)
    batch = training.get("batch", settings.get("batch", 0))
    return int(training.get("steps", options.get("steps", 0))) - earlier, int(batch)


def _value(scale: object, name: str) -> Any:
    if name == "images":
        training = _value(scale, "training")
        return training["steps"] * training["batch"]
    holder: Any = scale
    for key in name.split("."):
        holder = holder[key] if isinstance(holder, Mapping) else getattr(holder, key)
    return holder


def _shown(value: float | str) -> str:
    return value if isinstance(value, str) else f"{value:,g}"
