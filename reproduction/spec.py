"""What a row of the ledger is made of: units of work that are stored one by one, and a judge of what they found."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from edgan.errors import EdganError
from reproduction.claims import BY_ID
from reproduction.verdicts import Check, Figure

DIGEST = 10
TRAINED = "trained_seconds"
"""In a unit's result: seconds of its training, over all calls that it took."""


class BudgetSpentError(EdganError):
    """The time is over in the middle of a unit; what its training saved stays."""


@dataclass(frozen=True)
class Place:
    """Where units work.

    Attributes:
        folder: for runs, pictures and stored results.
        data: the folder of each real set, by name.
        device: "auto", "cpu", "cuda", ...
        deadline: seconds since the epoch, when no time is left; None: never.
    """

    folder: Path
    data: Mapping[str, Path]
    device: str = "auto"
    deadline: float | None = None

    def tick(self, *_: Any) -> None:
        """Call often.

        Raises:
            BudgetSpentError: the time is over.
        """
        if self.over():
            raise BudgetSpentError("The budget is spent.")

    def over(self) -> bool:
        """Whether the time is over."""
        return self.deadline is not None and time.time() >= self.deadline


Work = Callable[["Unit", Place], Mapping[str, Any]]


@dataclass(frozen=True)
class Unit:
    """One piece of work: a trained model, a ranking of one seed. Rows that need the same unit share it.

    Attributes:
        name: for people.
        work: a function of a module, (unit, place) -> what JSON can hold.
        options: everything that the result depends on, as JSON can hold it: the data's key too.
        needs: units whose results this one reads.
        seed: the seed it belongs to.
    """

    name: str
    work: Work
    options: Mapping[str, Any] = field(default_factory=dict)
    needs: tuple[Unit, ...] = ()
    seed: int = 0

    @cached_property
    def key(self) -> str:
        """The name with a digest of all that the result depends on."""
        state = [self.name, self.work.__qualname__, self.options, self.seed, [one.key for one in self.needs]]
        digest = hashlib.blake2b(json.dumps(state, sort_keys=True).encode(), digest_size=DIGEST // 2).hexdigest()
        return f"{self.name}-{digest}"


@dataclass(frozen=True)
class Outcome:
    """What a judge found.

    Attributes:
        headline: our figure in a line, to stand beside the paper's.
        checks: what must be above 0 for the claim to hold; the verdict follows from them.
        figures: all figures by name.
    """

    headline: str
    checks: Sequence[Check]
    figures: Mapping[str, Figure]


Found = Mapping[str, Mapping[str, Any]]
"""Results by the key of their unit."""


@dataclass(frozen=True)
class Curves:
    """How a row's figures are drawn.

    Attributes:
        pattern: what a figure's name must match in whole, with the group x and, where there are several curves, series.
        x_label, y_label: under and beside the axes.
        alt: what is shown, for those who do not see it.
        log_x, log_y: logarithmic axes.
    """

    pattern: str
    x_label: str
    y_label: str
    alt: str
    log_x: bool = False
    log_y: bool = False


def nothing_in_the_way() -> str:
    """A row's obstacle where there is none."""
    return ""


@dataclass(frozen=True)
class Row:
    """A runnable row.

    Attributes:
        id: of its claim.
        protocol: scale -> how it is measured, a few sentences.
        units: (scale, data keys by set) -> the last units, those that the judge reads, ordered by seed.
        judge: (scale, last units that are done, results) -> the outcome. Called with at least two units.
        scales: by name: "toy" (seconds, shows that it runs), "small" (two cores), "paper" (a GPU). One that reads its
            sets at several sizes has `side(set)`.
        explanation: scale -> why it does not hold, as far as we can tell; printed where it does not.
        curves: how its figures are drawn; None where they are not.
        methods: of `edgan methods`, without which it cannot be run.
        obstacle: () -> why it cannot be run on this machine, a sentence or more; "" where nothing is in the way.
    """

    id: str
    protocol: Callable[[Any], str]
    units: Callable[[Any, Mapping[str, str]], list[Unit]]
    judge: Callable[[Any, Sequence[Unit], Found], Outcome]
    scales: Mapping[str, Any]
    explanation: Mapping[str, str] = field(default_factory=dict)
    curves: Curves | None = None
    methods: tuple[str, ...] = ()
    obstacle: Callable[[], str] = nothing_in_the_way

    def data(self, scale: str) -> tuple[str, ...]:
        """The sets that it reads at a scale: those that the scale names in `sets`, else its claim's."""
        return tuple(getattr(self.scales[scale], "sets", BY_ID[self.id].data))
