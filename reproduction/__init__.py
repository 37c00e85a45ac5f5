"""The claims ledger: every claim of the papers, how we test it, and our results.

`claims` lists the claims. A row that can be run is data and functions in its paper's package, listed in `rows`: units
of work, each stored as it ends, and a judge that turns their outputs into quantities with intervals.
"""

from reproduction.ledger import Entry, ledger
from reproduction.runner import reproduce

__all__ = ["Entry", "ledger", "reproduce"]
