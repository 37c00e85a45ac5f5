"""The ledger's lines: each claim, how to run it, and what was last found."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from edgan.report.view import duration
from reproduction.claims import CLAIMS, Claim
from reproduction.registry import ROWS, can_run
from reproduction.results import USUAL_SCALE, Result, read_results
from reproduction.spec import Row
from reproduction.verdicts import NOT_RUN


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: what is claimed, and what we last found.

    Attributes:
        claim: the claim.
        row: how to run it; None where that is not built yet.
        results: the last ones, the usual scale first; () where it was not run.
    """

    claim: Claim
    row: Row | None
    results: tuple[Result, ...]

    def budget(self, scale: str) -> str:
        """What the row took at a scale when it was last done in whole; "not measured" where it was not."""
        whole = [one for one in self.results if one.scale == scale and one.done == one.of]
        if not whole:
            return "not measured"
        return (
            f"{duration(whole[0].compute_seconds)} of one core"
            if scale == USUAL_SCALE
            else duration(whole[0].wall_seconds)
        )

    @property
    def verdict(self) -> str:
        """Of the first result, or "not run"."""
        return self.results[0].verdict if self.results else NOT_RUN


def ledger(out: str | Path = "results") -> list[Entry]:
    """Every claim with what was found last.

    Args:
        out: the folder of results.

    Raises:
        EdganError: a result there is damaged.
    """
    results = sorted(read_results(Path(out)), key=lambda one: (one.scale != USUAL_SCALE, one.scale))
    return [
        Entry(claim, ROWS[claim.id] if can_run(claim.id) else None, tuple(one for one in results if one.id == claim.id))
        for claim in CLAIMS
    ]
