"""The overview docs/REPRODUCTION.md and one page for each row, made from results alone: equal results, equal pages."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from edgan.storage.durable import make_folder, write_bytes_atomic
from reproduction.claims import PAPERS, Claim
from reproduction.framework.curves import curves_name, draw_curves, series_of
from reproduction.framework.results import Result
from reproduction.framework.schema import Curves, Row
from reproduction.framework.verdict import NOT_RUN, UNDECIDED, Check, Figure, Verdict

OVERVIEW, FOLDER = "REPRODUCTION.md", "reproduction"
TOY = "toy"
HEAD = """# Reproduction

Every claim of the five papers, the figure the paper prints, ours, and whether the claim holds. A row's number links to
its page: protocol, checks, all figures, plots, and the command that repeats it. These pages are made from
`results/*.json` by `python -m reproduction --write-docs docs`; only explanations and notes are written by hand.

    python -m reproduction --list                               # every row, its latest figures and its verdict
    python -m reproduction 1.2 --data DIR --budget 10m          # run one row; run again to resume it
    python -m reproduction --all --data DIR --scale paper       # run all rows at the papers' sizes, on a GPU

`DIR` holds the real data sets in folders of their names (`DIR/utkface`, `DIR/facades`), each in its published layout
([data.md](data.md)). Every unit of work (a trained model, the ranking of one seed) is stored in `results/work`, and
rows that need the same model share it.

A verdict is computed. Each claim is written as quantities that must be above 0. Each quantity is measured once per
seed and has a 95 % interval (Student's t). The claim **holds** if all intervals are above 0 and **does not hold** if
one is below 0. It is **undecided** at this budget if an interval contains 0 or work is left to do. The test split is
used for these figures and never to choose settings. A + marks a claim that goes beyond its paper.

Measurements that belong to no row:
"""
SHORT_VERDICTS: dict[Verdict, str] = {UNDECIDED: "undecided"}


class LedgerEntry(Protocol):
    """What a page needs of `reproduction.Entry`."""

    @property
    def claim(self) -> Claim:
        """The claim."""

    @property
    def row(self) -> Row | None:
        """How to run it."""

    @property
    def results(self) -> tuple[Result, ...]:
        """The latest results."""


def write_pages(docs: Path, entries: Sequence[LedgerEntry]) -> Path:
    """Write the overview, and a page and plots for each row that has results.

    Args:
        docs: the folder of the documentation; notes in its folder reproduction/ are linked.
        entries: the ledger.

    Returns:
        The overview's path.

    Raises:
        EdganError: a page could not be written.
    """
    make_folder(docs / FOLDER)
    for name, content in pages(entries, _notes_in(docs)).items():
        write_bytes_atomic(docs / name, content)
    return docs / OVERVIEW


def pages(entries: Sequence[LedgerEntry], notes: Sequence[tuple[str, str]] = ()) -> dict[str, bytes]:
    """The contents of all generated files, by their paths below the documentation's folder.

    Args:
        entries: the ledger.
        notes: (file name, title) of the notes to link.
    """
    files = {OVERVIEW: _overview(entries, notes).encode()}
    for entry in entries:
        if not _shown(entry):
            continue
        files[f"{FOLDER}/{_page_name(entry.claim)}"] = _row_page(entry).encode()
        for result in _shown(entry):
            curves = _curves(entry, result)
            if curves:
                files[f"{FOLDER}/{curves_name(result)}"] = draw_curves(result, curves)
    return files


def _notes_in(docs: Path) -> list[tuple[str, str]]:
    """(file name, title) of the notes written by hand."""
    paths = sorted((docs / FOLDER).glob("notes-*.md"))
    return [
        (path.name, path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# Notes: ")) for path in paths
    ]


def _overview(entries: Sequence[LedgerEntry], notes: Sequence[tuple[str, str]]) -> str:
    lines = [HEAD, *(f"- [{title}]({FOLDER}/{name})" for name, title in notes), ""]
    for number, paper in PAPERS.items():
        lines += [f"## {number}. {paper}", "", *_table([entry for entry in entries if entry.claim.paper == number]), ""]
    return "\n".join(lines)


def _table(entries: Sequence[LedgerEntry]) -> list[str]:
    lines = ["| row | claim | the paper | ours | verdict |", "|---|---|---|---|---|"]
    for entry in entries:
        claim, shown = entry.claim, _shown(entry)
        link = f"[{claim.id}]({FOLDER}/{_page_name(claim)})" if shown else claim.id
        if not shown:
            lines.append(_cells(link, claim.text, claim.figure, "", NOT_RUN))
        for result in shown:
            scale = "" if len(shown) == 1 else f" ({result.scale})"
            lines.append(
                _cells(link, claim.text, claim.figure, brief_of(entry.row, result), _short(result.verdict) + scale)
            )
    return lines


def brief_of(row: Row | None, result: Result) -> str:
    """A result's figures in a few words: the row's `brief` filled in, or the headline."""
    if row is None or not row.brief:
        return result.headline
    names = re.findall(r"\{([^{}|]+)[^{}]*\}", row.brief)
    if any(name not in result.figures for name in names):
        return result.headline

    def value(match: re.Match[str]) -> str:
        return format(result.figures[match[1]].mean, match[2] or ".3g")

    return re.sub(r"\{([^{}|]+)\|?([^{}]*)\}", value, row.brief)


def _row_page(entry: LedgerEntry) -> str:
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
    for result in _shown(entry):
        lines += [
            f"| ours, scale {result.scale} | {_cell(result.headline) or 'nothing to judge yet'} |",
            f"| verdict | **{result.verdict}**{_progress(result)} |",
        ]
    if entry.row and entry.row.notes:
        lines += ["", f"More measurements: [{entry.row.notes.removesuffix('.md')}]({entry.row.notes})."]
    for result in _shown(entry):
        lines += ["", *_section(result, _curves(entry, result))]
    return "\n".join(lines) + "\n"


def _section(result: Result, curves: Curves | None) -> list[str]:
    lines = [f"## Protocol, scale {result.scale}", "", result.protocol, ""]
    if result.explanation:
        lines += ["## Explanation", "", result.explanation, ""]
    if result.checks:
        lines += ["## Checks", "", "The claim says that each of these is above 0.", ""]
        lines += ["| quantity | mean | 95 % interval | |", "|---|---|---|---|", *map(_check, result.checks), ""]
    if curves:
        lines += ["## Plot", "", f"![{curves.alt}]({curves_name(result)})", ""]
    if result.figures:
        lines += ["## Figures", "", "| | mean | 95 % interval over seeds |", "|---|---|---|"]
        lines += [_figure(name, value) for name, value in result.figures.items()]
        lines.append("")
    return [*lines, "## Command", "", f"    {result.command}", "", _provenance(result)]


def _shown(entry: LedgerEntry) -> list[Result]:
    return [result for result in entry.results if result.scale != TOY]


def _curves(entry: LedgerEntry, result: Result) -> Curves | None:
    """How a result is plotted; None if it has nothing to plot."""
    curves = entry.row.curves if entry.row else None
    return curves if curves and series_of(result, curves) else None


def _page_name(claim: Claim) -> str:
    return f"{claim.id.rstrip('+')}.md"


def _short(verdict: Verdict) -> str:
    return SHORT_VERDICTS.get(verdict, verdict)


def _cells(*texts: str) -> str:
    return f"| {' | '.join(map(_cell, texts))} |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _interval(value: Check | Figure) -> str:
    return "" if value.low is None else f"{value.low:.4g} to {value.high:.4g}"


def _check(check: Check) -> str:
    return _cells(check.name, f"{check.mean:.4g}", _interval(check), _short(check.verdict))


def _figure(name: str, value: Figure) -> str:
    return _cells(name, f"{value.mean:.4g}", _interval(value))


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
