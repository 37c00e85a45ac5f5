"""The ledger's lines: each claim, how to run it, and its latest results."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgan.report.view import duration
from reproduction.claims import CLAIMS, Claim
from reproduction.framework.gates import Budget
from reproduction.framework.judgement import Judgement
from reproduction.framework.mean_picture import mean_picture_of, read_mean_pictures
from reproduction.framework.results import CORES, SCALES, Result, read_results
from reproduction.framework.schema import Row, side_of
from reproduction.framework.verdict import NOT_RUN
from reproduction.requirements import REQUIREMENTS
from reproduction.reruns import RERUNS
from reproduction.rows import ROWS, can_run


@dataclass(frozen=True)
class Entry:
    """A line of the ledger: a claim and our results.

    Attributes:
        claim: the claim.
        row: how to run it; None if that is not implemented.
        judgements: of the latest results, the largest scale first; () if the row was never run.
    """

    claim: Claim
    row: Row | None
    judgements: tuple[Judgement, ...]

    @property
    def results(self) -> tuple[Result, ...]:
        """The latest results, the largest scale first."""
        return tuple(judgement.result for judgement in self.judgements)

    @property
    def budgets(self) -> dict[str, str | None]:
        """How long the row took at each scale when it was last completed; None where it never was."""
        scales = [scale for scale in SCALES if scale in self.row.scales and scale != "toy"] if self.row else []
        return {scale: self._budget(scale) for scale in scales}

    def _budget(self, scale: str) -> str | None:
        complete = [result for result in self.results if result.scale == scale and result.done == result.of]
        if not complete:
            return None
        # A result may be judged from units that other calls ran, so the call's own time says nothing.
        return f"{duration(complete[0].compute_seconds)} of one {'core' if scale in CORES else 'process'}"

    @property
    def needed(self) -> str:
        """What the row needs to be decided, or the smallest budget of one that was never run; "" if nothing."""
        if self.judgements:
            return self.judgements[0].needed
        return "; ".join(gate.words for gate in REQUIREMENTS[self.claim.id] if isinstance(gate, Budget))

    @property
    def verdict(self) -> str:
        """The published verdict of the first result, or "not run"."""
        return self.judgements[0].verdict if self.judgements else NOT_RUN


def ledger(out: str | Path = "results") -> list[Entry]:
    """Every claim with its latest results.

    Args:
        out: the folder of results.

    Raises:
        EdganError: a result is damaged.
    """
    folder = Path(out)
    results = sorted(read_results(folder), key=lambda result: -SCALES.index(result.scale))
    records = read_mean_pictures(folder)
    return [
        Entry(
            claim,
            ROWS[claim.id] if can_run(claim.id) else None,
            tuple(judged(result, records) for result in results if result.id == claim.id),
        )
        for claim in CLAIMS
    ]


def judged(result: Result, records: Mapping[str, Mapping[str, Any]]) -> Judgement:
    """A result with its row's gates and changes.

    Args:
        result: of a row.
        records: of `read_mean_pictures`.
    """
    row = ROWS[result.id] if can_run(result.id) else None
    means = {}
    for read in result.data if row and result.scale in row.scales else ():
        mean = mean_picture_of(records, read, side_of(row.scales[result.scale], read.name)) if row else None
        if mean is not None:
            means[read.name] = mean
    return Judgement(row, result, REQUIREMENTS.get(result.id, ()), RERUNS.get(result.id, ()), means)
