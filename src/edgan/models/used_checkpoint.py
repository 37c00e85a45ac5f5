"""Which checkpoint of its run a model was loaded from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from edgan.metrics.registry import METRICS
from edgan.storage.checkpoint import Snapshot


@dataclass(frozen=True)
class UsedCheckpoint:
    """A checkpoint, as results name it.

    Attributes:
        step: its step.
        best_by: the held-out figure by which it is the best of its run, "kid_features_output"; None where it is not the
            best.
    """

    step: int
    best_by: str | None = None

    @classmethod
    def of(cls, snapshot: Snapshot, best: bool) -> UsedCheckpoint:
        """Of a snapshot as it was read, and whether it is the best of its run."""
        return cls(snapshot.step, str(snapshot.state.get("score", "")) if best else None)

    def to_dict(self) -> dict[str, Any]:
        """{"step": 1250, "best_by": "kid_features_output"}, for JSON."""
        return {"step": self.step, "best_by": self.best_by}

    def __str__(self) -> str:
        best = f", the best by {score_title(self.best_by)}" if self.best_by is not None else ""
        return f"step {self.step:,}{best}"


def score_title(name: str) -> str:
    """A held-out figure as a person reads it: "KID (features)" for "kid_features_output"."""
    titles = {metric.name: metric.title for metric in METRICS}
    return titles.get(name.removesuffix("_output"), "held-out figures")
