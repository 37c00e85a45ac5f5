"""The rows that can be run: one line a paper."""

from __future__ import annotations

from edgan.errors import UsageError, near_miss
from edgan.methods import PAGES
from reproduction import paper1, paper2, paper3, paper4, paper5
from reproduction.claims import BY_ID, Claim
from reproduction.spec import Row

PAPERS = (paper1, paper2, paper3, paper4, paper5)
ROWS: dict[str, Row] = {row.id: row for paper in PAPERS for row in paper.ROWS}


def find_claim(name: str) -> Claim:
    """A claim by its id; the + of a row that goes beyond its paper may be left out.

    Raises:
        UsageError: there is none.
    """
    claim = BY_ID.get(name) or BY_ID.get(f"{name}+")
    if claim is None:
        raise UsageError(f"There is no row {name!r}. {near_miss(name, BY_ID)} edgan reproduce --list shows them all.")
    return claim


def can_run(name: str) -> bool:
    """Whether a claim, by its id, has a row whose methods are all there."""
    return name in ROWS and set(ROWS[name].methods) <= set(PAGES)


def find_row(name: str) -> Row:
    """A runnable row by its id.

    Raises:
        UsageError: there is none, or it has only its claim yet.
    """
    claim = find_claim(name)
    if not can_run(claim.id):
        missing = [one for one in ROWS[claim.id].methods if one not in PAGES] if claim.id in ROWS else []
        why = f"there is no method {missing[0]} yet" if missing else "it has only its claim yet"
        able = ", ".join(one for one in ROWS if can_run(one))
        raise UsageError(f"Row {claim.id} cannot be run: {why}. There are: {able}.")
    return ROWS[claim.id]
