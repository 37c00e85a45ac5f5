"""The claims ledger: every claim of the papers, how it is tried, and what was found.

A claim is a line of `claims`. A row that can be run is data beside functions in its paper's own package, listed in
`registry`: units of work, each stored as it ends, and a judge that turns their results into quantities with intervals.
"""

from reproduction.entries import Entry, ledger
from reproduction.reproducing import reproduce

__all__ = ["Entry", "ledger", "reproduce"]
