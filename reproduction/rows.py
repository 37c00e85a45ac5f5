"""The registry of rows that can be run: one line for each paper."""

from __future__ import annotations

from edgan.errors import UsageError, near_miss
from edgan.methods import PAGES
from reproduction import paper1, paper2, paper3, paper4, paper5
from reproduction.claims import BY_ID, Claim
from reproduction.framework.schema import Row

PAPERS = (paper1, paper2, paper3, paper4, paper5)
ROWS: dict[str, Row] = {row.id: row for paper in PAPERS for row in paper.ROWS}


def find_claim(name: str) -> Claim:
    """A claim by its id; the + of a row that goes beyond its paper may be omitted.

    Raises:
        UsageError: there is no such claim.
    """
    claim = BY_ID.get(name) or BY_ID.get(f"{name}+")
    if claim is None:
        raise UsageError(
            f"There is no row {name!r}. {near_miss(name, BY_ID)} `python -m reproduction --list` shows them all."
        )
    return claim


def can_run(name: str) -> bool:
    """Whether a claim, by its id, has a row whose methods all exist."""
    return name in ROWS and set(ROWS[name].methods) <= set(PAGES)


def find_row(name: str) -> Row:
    """A row that can be run, by its id.

    Raises:
        UsageError: there is no such row, or only its claim is written down.
    """
    claim = find_claim(name)
    if not can_run(claim.id):
        missing = [method for method in ROWS[claim.id].methods if method not in PAGES] if claim.id in ROWS else []
        why = f"there is no method {missing[0]}" if missing else "only its claim is written down"
        runnable = ", ".join(row for row in ROWS if can_run(row))
        raise UsageError(f"Row {claim.id} cannot be run: {why}. Rows that can be run: {runnable}.")
    return ROWS[claim.id]
