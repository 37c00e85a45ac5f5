"""The page of a row: the claim, the verdict and what it rests on, the reviewer's checklist, and all figures."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

from reproduction.claims import PAPERS, Claim
from reproduction.framework.curves import curves_name, series_of
from reproduction.framework.judgement import Judgement, Published
from reproduction.framework.results import Result
from reproduction.framework.schema import Curves, Row
from reproduction.framework.takeaway import takeaway
from reproduction.framework.verdict import UNDECIDED, Check, Figure, Verdict, verdicts_of

OVERVIEW, FOLDER = "REPRODUCTION.md", "reproduction"
SHORT_VERDICTS: dict[Published, str] = {UNDECIDED: "undecided"}
HOW_CHECKED = {
    "order": "above 0",
    "rank correlation": "above 0, from 5 seeds on",
    "count": "above 0, a count",
}


class LedgerEntry(Protocol):
    """What a page needs of `reproduction.Entry`."""

    @property
    def claim(self) -> Claim:
        """The claim."""

    @property
    def row(self) -> Row | None:
        """How to run it."""

    @property
    def judgements(self) -> tuple[Judgement, ...]:
        """Of the latest results."""

    @property
    def needed(self) -> str:
        """What the row needs to be decided."""


def row_page(entry: LedgerEntry, judgements: Sequence[Judgement]) -> str:
    """The page of a row that has results.

    Args:
        entry: the claim and its row.
        judgements: of the results that are shown.
    """
    claim = entry.claim
    lines = [
        f"# {claim.id} {claim.text}",
        "",
        f"[All rows](../{OVERVIEW}) · {PAPERS[claim.paper]}",
        "",
        "| | |",
        "|---|---|",
        f"| the paper | {_cell(claim.figure)} |",
    ]
    for judgement in judgements:
        result = judgement.result
        lines += [
            f"| ours, scale {result.scale} | {_cell(result.headline) or 'nothing to judge yet'} |",
            f"| verdict | **{judgement.verdict}**{_progress(result)} |",
            f"| in a sentence | {_cell(takeaway(judgement))} |",
            f"| core-hours | {result.compute_seconds / 3600:.2f}, with the units that other rows share |",
        ]
    if entry.row and entry.row.notes:
        lines += ["", f"More measurements: [{entry.row.notes.removesuffix('.md')}]({entry.row.notes})."]
    for judgement in judgements:
        lines += ["", *_section(judgement)]
    return "\n".join(lines) + "\n"


def curves_of(judgement: Judgement) -> Curves | None:
    """How a result is plotted; None if it has nothing to plot."""
    curves = judgement.row.curves if judgement.row else None
    return curves if curves and series_of(judgement.result, curves) else None


def _section(judgement: Judgement) -> list[str]:
    result, curves = judgement.result, curves_of(judgement)
    lines = [*_again(judgement), f"## Protocol, scale {result.scale}", "", result.protocol, "", *_checklist(judgement)]
    if result.explanation:
        lines += ["## Explanation", "", result.explanation, ""]
    if result.checks:
        lines += ["## Checks", "", "The claim says that all of these hold.", ""]
        lines += ["| quantity | must be | mean | 95 % interval over seeds | |", "|---|---|---|---|---|"]
        lines += [_check(*pair) for pair in zip(result.checks, verdicts_of(result.checks), strict=True)]
        lines.append("")
    if curves:
        lines += ["## Plot", "", f"![{curves.alt}]({curves_name(result)})", ""]
    if result.figures:
        lines += ["## Figures", "", "| | mean | 95 % interval over seeds |", "|---|---|---|"]
        lines += [_figure(name, value) for name, value in result.figures.items()]
        lines.append("")
    return [*lines, "## Command", "", f"    {result.command}", "", _provenance(result)]


def _again(judgement: Judgement) -> list[str]:
    """Why the row is to be run again."""
    if not judgement.stale:
        return []
    reasons = [f"- {rerun.reason}" for rerun in judgement.stale]
    return ["## To be run again", "", "The code has changed since these figures were made.", "", *reasons, ""]


def _checklist(judgement: Judgement) -> list[str]:
    """What a reviewer would ask, answered by the code."""
    lines = ["## Reviewer's checklist", "", "| | | |", "|---|---|---|"]
    lines += [cells(point.name, f"**{point.answer}**", point.finding) for point in judgement.checklist]
    return [*lines, *(["", f"To be decided, the row needs: {judgement.needed}."] if judgement.needed else []), ""]


def page_name(claim: Claim) -> str:
    """The file name of a claim's page."""
    return f"{claim.id.rstrip('+')}.md"


def short(verdict: Published) -> str:
    """A verdict for a table's cell."""
    return SHORT_VERDICTS.get(verdict, verdict)


def cells(*texts: str) -> str:
    """A line of a table."""
    return f"| {' | '.join(map(_cell, texts))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _interval(value: Check | Figure) -> str:
    return "" if value.low is None else f"{value.low:.4g} to {value.high:.4g}"


def _check(check: Check, verdict: Verdict) -> str:
    how = HOW_CHECKED.get(check.kind, f"within {check.margin:g} of 0")
    return cells(check.name, how, f"{check.mean:.4g}", _interval(check), short(verdict))


def _figure(name: str, value: Figure) -> str:
    return cells(name, f"{value.mean:.4g}", _interval(value))


def _progress(result: Result) -> str:
    return "" if result.done == result.of else f"; {result.done} of {result.of} units of work are done"


def _provenance(result: Result) -> str:
    data = "; ".join(f"{read.name}, {sum(read.images.values()):,} images, key {read.key[:12]}" for read in result.data)
    seeds = f"seeds {', '.join(map(str, result.seeds))}" if result.seeds else "no seed complete"
    return (
        f"{result.date}, {result.machine}, torch {result.torch}, commit {result.commit or 'none'}; {seeds}; "
        f"{result.compute_seconds:.0f} s of one core for all units, {result.wall_seconds:.0f} s in this call"
        f"{f'; {data}' if data else ''}."
    )
