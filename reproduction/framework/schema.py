"""What a row of the ledger is made of: units of work, stored separately, and a judge of their outputs."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from pathlib import Path
from typing import Any

from edgan.errors import EdganError
from reproduction.claims import BY_ID
from reproduction.framework.verdict import Check, Figure

DIGEST = 10
TRAINED_SECONDS = "trained_seconds"
"""Key in a unit's output: seconds of its training, summed over all calls that it took."""

OUTPUT = "output"
"""Option of a unit whose output has gained names that judges need: its number, so that older outputs are not read."""
FALL = "fall"
"""Key in a unit's output: by what share the training's loss still fell at its end (`fall_of_loss`)."""


class BudgetSpentError(EdganError):
    """The time budget ran out in the middle of a unit; what its training saved is kept."""


@dataclass(frozen=True)
class Place:
    """Where units work.

    Attributes:
        folder: for runs, pictures and stored outputs.
        data: the folder of each real data set, by name.
        device: "auto", "cpu", "cuda", ...
        deadline: when to stop, in seconds since the epoch; None: never.
    """

    folder: Path
    data: Mapping[str, Path]
    device: str = "auto"
    deadline: float | None = None

    def tick(self, *_: Any) -> None:
        """Stop if the deadline has passed. Long work calls this often.

        Raises:
            BudgetSpentError: the deadline has passed.
        """
        if self.over():
            raise BudgetSpentError("The budget is spent.")

    def over(self) -> bool:
        """Whether the deadline has passed."""
        return self.deadline is not None and time.time() >= self.deadline


Work = Callable[["Unit", Place], Mapping[str, Any]]


@dataclass(frozen=True)
class Unit:
    """One piece of work: a trained model, or the ranking of one seed. Rows that need the same unit share it.

    Attributes:
        name: for people.
        work: a module-level function, (unit, place) -> output as JSON.
        options: everything the output depends on, as JSON; the data's key too.
        needs: units whose outputs this one reads.
        seed: the seed it belongs to.
    """

    name: str
    work: Work
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[Unit, ...] = ()
    seed: int = 0

    @cached_property
    def key(self) -> str:
        """The name, followed by a digest of everything the output depends on."""
        state = [self.name, self.work.__qualname__, self.options, self.seed, [unit.key for unit in self.needs]]
        digest = hashlib.blake2b(json.dumps(state, sort_keys=True).encode(), digest_size=DIGEST // 2).hexdigest()
        return f"{self.name}-{digest}"


Outputs = Mapping[str, Mapping[str, Any]]
"""What units returned, by their keys."""


@dataclass(frozen=True)
class Outcome:
    """What a judge makes of the outputs.

    Attributes:
        headline: our figures in one line, to compare with the paper's.
        checks: the quantities on which the claim depends; the verdict follows from them.
        figures: all figures by name.
    """

    headline: str
    checks: Sequence[Check]
    figures: Mapping[str, Figure]


@dataclass(frozen=True)
class Curves:
    """How a row's figures are plotted.

    Attributes:
        pattern: matches the whole name of a plotted figure; group `x` is its position, group `series` its curve.
        x_label, y_label: axis labels.
        alt: text for readers who cannot see the plot.
        log_x, log_y: logarithmic axes.
    """

    pattern: str
    x_label: str
    y_label: str
    alt: str
    log_x: bool = False
    log_y: bool = False


def side_of(sized: object, name: str) -> int:
    """The side in pixels at which a scale reads a data set: its own `side`, else its training's size, else 64."""
    if hasattr(sized, "side"):
        return int(sized.side(name))
    return int(sized.training["size"]) if hasattr(sized, "training") else 64


def with_five_seeds(scales: Mapping[str, Any]) -> dict[str, Any]:
    """A row's scales, with five trainings of each model at "cpu" and "gpu": a rank correlation is judged from five."""
    return {name: replace(sized, seeds=5) if name in ("cpu", "gpu") else sized for name, sized in scales.items()}


def no_obstacle() -> str:
    """The default of `Row.obstacle`: the row can run on any machine."""
    return ""


@dataclass(frozen=True)
class Row:
    """A row that can be run.

    Attributes:
        id: of its claim.
        protocol: scale -> how it is measured, in a few sentences.
        units: (scale, data keys by set) -> the final units, which the judge reads, ordered by seed.
        judge: (scale, final units that are done, outputs) -> the outcome. Called with at least two seeds.
        scales: by name: "toy" (seconds, tests the machinery), "small" and "cpu" (two cores), "gpu" (minutes of one
            GPU), "paper". A scale that reads its sets at several sizes has a method `side(set)`.
        brief: our figures for the overview table, where the headline is too long for a cell: text with the names of
            figures in braces, "{NRDS of the base|.3f}" (default format .3g).
        explanation: scale -> why the result came out as it did, as far as we know.
        notes: a page in docs/reproduction/ with further measurements, written by hand; "" if there is none.
        curves: how its figures are plotted; None if they are not.
        methods: names in `edgan methods` that the row needs.
        obstacle: () -> why the row cannot be run on this machine; "" if it can.
    """

    id: str
    protocol: Callable[[Any], str]
    units: Callable[[Any, Mapping[str, str]], list[Unit]]
    judge: Callable[[Any, Sequence[Unit], Outputs], Outcome]
    scales: Mapping[str, Any]
    brief: str = ""
    explanation: Mapping[str, str] = field(default_factory=dict)
    notes: str = ""
    curves: Curves | None = None
    methods: tuple[str, ...] = ()
    obstacle: Callable[[], str] = no_obstacle

    @property
    def usual(self) -> str:
        """The scale for two cores: "cpu", or "small" where the row has no other yet."""
        return "cpu" if "cpu" in self.scales else "small"

    def data(self, scale: str) -> tuple[str, ...]:
        """The data sets that the row reads at a scale: the scale's own `sets` if it has any, else its claim's."""
        return tuple(getattr(self.scales[scale], "sets", BY_ID[self.id].data))
