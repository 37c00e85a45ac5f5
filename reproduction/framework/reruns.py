"""Results that today's code would no longer give."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from reproduction.framework.results import Result


@dataclass(frozen=True)
class Rerun:
    """A change of the code after which a row's older results no longer stand.

    Attributes:
        since: when it changed, as the date of a result (ISO 8601, UTC).
        kind: "models": the trainings would differ; "yardstick": what is measured or how it is judged differs.
        reason: what changed, a sentence.
    """

    since: str
    kind: Literal["models", "yardstick"]
    reason: str

    def concerns(self, result: Result) -> bool:
        """Whether a result is older than the change."""
        return result.date < self.since
