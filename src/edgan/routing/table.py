"""The table: which loss teaches which network, written as data.

A row is a term, a column is a network, a cell is a route: the weight with which the term's gradient reaches the
network. An omitted cell is blocked. The table prints as a matrix, has a hash, and is stored in every checkpoint.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from edgan.errors import UsageError, near_miss
from edgan.routing.schedule import Route, route_text
from edgan.routing.term import Term


@dataclass(frozen=True)
class Row:
    """One term and its cells. A cell with weight 0 equals an omitted one."""

    term: Term
    cells: tuple[tuple[str, Route], ...]

    def route(self, network: str) -> Route | None:
        """The route to a network, or None if the cell is blank."""
        return dict(self.cells).get(network)


def row(term: Term, **cells: Route) -> Row:
    """A row of a table: `row(term, encoder=1, decoder=1)`."""
    return Row(term, tuple((network, route) for network, route in cells.items() if route != 0))


@dataclass(frozen=True)
class Table:
    """Rows of terms over columns of networks.

    Attributes:
        networks: the columns, in printing order.
        rows: the terms with their cells.
    """

    networks: tuple[str, ...]
    rows: tuple[Row, ...] = field(default=())

    def __post_init__(self) -> None:
        names = [r.term.name for r in self.rows]
        if len(set(names)) != len(names):
            raise ValueError(f"two rows of a table have one name: {names}")
        for r in self.rows:
            for network, _ in r.cells:
                if network not in self.networks:
                    raise ValueError(f"row {r.term.name!r} routes to {network!r}, which is not a column of the table")

    @property
    def terms(self) -> tuple[Term, ...]:
        """The terms, row by row."""
        return tuple(r.term for r in self.rows)

    def column(self, network: str) -> tuple[tuple[Term, Route], ...]:
        """The terms that teach a network, with their routes, from top to bottom."""
        cells = ((r.term, r.route(network)) for r in self.rows)
        return tuple((term, route) for term, route in cells if route is not None)

    def with_route(self, cell: str, route: Route) -> Table:
        """The table with one cell changed.

        Args:
            cell: "TERM.NETWORK".
            route: the new weight or schedule; 0 blocks the cell.

        Raises:
            UsageError: the table has no such term or network.
        """
        term, dot, network = cell.partition(".")
        names = [r.term.name for r in self.rows]
        if not dot:
            raise UsageError(
                f"A route is written TERM.NETWORK=WEIGHT, but {cell!r} has no dot. Terms: {', '.join(names)}."
            )
        if term not in names:
            raise UsageError(
                f"The route {cell!r} starts at a term that the table does not have. {near_miss(term, names)}"
            )
        if network not in self.networks:
            raise UsageError(
                f"The route {cell!r} leads to a network that the table does not have. "
                f"{near_miss(network, self.networks)}"
            )
        changed = tuple(_with_cell(r, network, route, self.networks) if r.term.name == term else r for r in self.rows)
        return replace(self, rows=changed)

    def as_dict(self) -> dict[str, Any]:
        """The table as plain data: {"networks": [...], "rows": [{"term", "loss", "source", "every", "routes"}]}."""
        return {
            "networks": list(self.networks),
            "rows": [
                {
                    "term": r.term.name,
                    "loss": r.term.label,
                    "taps": list(r.term.taps),
                    "source": r.term.source,
                    "every": r.term.every,
                    "routes": {network: _plain(route) for network, route in r.cells},
                }
                for r in self.rows
            ],
        }

    def digest(self) -> str:
        """A hash of the table's contents. Equal tables have equal digests on every machine."""
        return hashlib.sha256(json.dumps(self.as_dict(), sort_keys=True).encode()).hexdigest()[:16]

    def __str__(self) -> str:
        return table_text(self)


def _with_cell(old: Row, network: str, route: Route, order: tuple[str, ...]) -> Row:
    cells = {**dict(old.cells), network: route}
    return Row(old.term, tuple((n, cells[n]) for n in order if n in cells and cells[n] != 0))


def _plain(route: Route) -> float | str:
    return float(route) if isinstance(route, int | float) else route_text(route)


def table_text(table: Table, cells: Mapping[tuple[str, str], str] | None = None) -> str:
    """The table as aligned text; blank cells print as a dot.

    Args:
        table: what to print.
        cells: texts to print in place of the routes, by (term, network), such as measured gradients.
    """
    head = ["term", "loss", *table.networks, "source"]
    lines = [head]
    for r in table.rows:
        routes = [r.route(n) for n in table.networks]
        texts = ["." if route is None else route_text(route) for route in routes]
        if cells is not None:
            texts = [cells.get((r.term.name, n), ".") for n in table.networks]
        every = f" every {r.term.every}" if r.term.every > 1 else ""
        lines.append([r.term.name, r.term.label + every, *texts, r.term.source])
    widths = [max(len(line[i]) for line in lines) for i in range(len(head))]
    centred = range(2, len(head) - 1)
    return "\n".join(
        "  ".join(
            text.center(w) if i in centred else text.ljust(w)
            for i, (text, w) in enumerate(zip(line, widths, strict=True))
        ).rstrip()
        for line in lines
    )
