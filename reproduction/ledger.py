"""The ledger's lines: each claim, how to run it, and its latest results."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgan.report.view import duration
from reproduction.claims import CLAIMS, Claim
from reproduction.framework.results import USUAL_SCALE, Result, read_results
from reproduction.framework.schema import Row
from reproduction.framework.verdict import NOT_RUN
from reproduction.rows import ROWS, can_run


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: a claim and our results.

    Attributes:
        claim: the claim.
        row: how to run it; None if that is not implemented.
        results: the latest, the usual scale first; () if the row was never run.
    """

    claim: Claim
    row: Row | None
    results: tuple[Result, ...]

    def budget(self, scale: str) -> str:
        """How long the row took at a scale when it was last completed; "not measured" if it never was."""
        complete = [result for result in self.results if result.scale == scale and result.done == result.of]
        if not complete:
            return "not measured"
        return (
            f"{duration(complete[0].compute_seconds)} of one core"
            if scale == USUAL_SCALE
            else duration(complete[0].wall_seconds)
        )

    @property
    def verdict(self) -> str:
        """The verdict of the first result, or "not run"."""
        return self.results[0].verdict if self.results else NOT_RUN


def ledger(out: str | Path = "results") -> list[Entry]:
    """Every claim with its latest results.

    Args:
        out: the folder of results.

    Raises:
        EdganError: a result is damaged.
    """
    results = sorted(read_results(Path(out)), key=lambda result: (result.scale != USUAL_SCALE, result.scale))
    return [
        Entry(
            claim,
            ROWS[claim.id] if can_run(claim.id) else None,
            tuple(result for result in results if result.id == claim.id),
        )
        for claim in CLAIMS
    ]
