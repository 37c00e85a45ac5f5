"""docs/REPRODUCTION.md, made of the ledger alone: equal results give an equal page."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from edgan.storage.durable import make_folder, write_bytes_atomic
from reproduction.claims import PAPERS
from reproduction.drawing import curves_name, draw_curves, series_of
from reproduction.entries import Entry
from reproduction.results import Result
from reproduction.spec import Curves
from reproduction.verdicts import FAILS, NOT_RUN, Check

TOY = "toy"
HEAD = """# Reproduction

Every claim that the five papers make, the figure that the paper prints, and ours. This page is made from
`results/*.json` by `edgan reproduce --write-docs docs/REPRODUCTION.md`; nothing on it is written by hand but the
explanations.

    edgan reproduce --list                                  every row, its last figure and its verdict
    edgan reproduce 1.2 --data DIR --budget 10m             one row; called again, it goes on where it stopped
    edgan reproduce --all --data DIR --scale paper          all rows at the papers' own sizes, for a GPU

`DIR` holds the real sets in folders of their names (`DIR/utkface`, `DIR/facades`), each as its publisher lays it out
([data.md](data.md)). Every unit of work, one trained model or the ranking of one seed, is kept in `results/work` as it
ends, and rows that need the same model share it.

A verdict is computed. A claim is written as quantities that it says are above 0; each is measured once for every seed
and gets a 95 % interval (Student's t). The claim **holds** where all intervals are above 0, **does not hold** where one
is below, and **cannot be decided at this budget** where one reaches over 0 or work is left to do. Test parts are used
for the figures below and for no choice. A + marks a claim that goes beyond its paper.
"""


def write_pages(path: Path, entries: Sequence[Entry]) -> None:
    """Write the page, and into images/ beside it the curves that its results have.

    Args:
        path: the page.
        entries: the ledger.

    Raises:
        EdganError: the disk refused.
    """
    make_folder(path.parent / "images")
    for entry in entries:
        for one in _shown(entry):
            curves = _curves(entry, one)
            if curves:
                write_bytes_atomic(path.parent / "images" / curves_name(one), draw_curves(one, curves))
    write_bytes_atomic(path, page(entries).encode())


def page(entries: Sequence[Entry]) -> str:
    """The page's text."""
    parts = [HEAD]
    for number, paper in PAPERS.items():
        mine = [entry for entry in entries if entry.claim.paper == number]
        parts.append(f"## {number}. {paper}\n\n{_table(mine)}")
        parts += [_section(one, entry) for entry in mine for one in _shown(entry)]
    return "\n".join(parts)


def _shown(entry: Entry) -> list[Result]:
    return [one for one in entry.results if one.scale != TOY]


def _curves(entry: Entry, result: Result) -> Curves | None:
    """How a result is drawn; None where it has nothing to draw."""
    curves = entry.row.curves if entry.row else None
    return curves if curves and series_of(result, curves) else None


def _table(entries: Sequence[Entry]) -> str:
    lines = ["| row | claim | the paper | ours | verdict |", "|---|---|---|---|---|"]
    for entry in entries:
        shown: list[Result | None] = [*_shown(entry)] or [None]
        for one in shown:
            ours, verdict = (one.headline, f"{one.verdict} ({one.scale})") if one else ("", NOT_RUN)
            link = f"[{entry.claim.id}](#{_anchor(one)})" if one else entry.claim.id
            lines.append(f"| {link} | {entry.claim.text} | {entry.claim.figure} | {ours} | {verdict} |")
    return "\n".join(lines) + "\n"


def _title(result: Result) -> str:
    return f"Row {result.id}, scale {result.scale}"


def _anchor(result: Result) -> str:
    kept = "".join(c for c in _title(result).lower() if c.isalnum() or c in " -")
    return kept.replace(" ", "-")


def _section(result: Result, entry: Entry) -> str:
    lines = [
        f"### {_title(result)}",
        "",
        f"{entry.claim.text} **{result.verdict[0].upper()}{result.verdict[1:]}.** {_progress(result)}".rstrip(),
        "",
        result.protocol,
        "",
    ]
    if result.explanation and result.verdict == FAILS:
        lines += [result.explanation, ""]
    if result.checks:
        lines += ["| above 0, if the claim holds | mean | 95 % interval | |", "|---|---|---|---|"]
        lines += [_check(check) for check in result.checks]
        lines.append("")
    curves = _curves(entry, result)
    if curves:
        lines += [f"![{curves.alt}](images/{curves_name(result)})", ""]
    if result.figures:
        lines += ["<details><summary>All figures: mean (95 % interval over seeds)</summary>", ""]
        lines += ["| | |", "|---|---|"]
        lines += [f"| {_cell(name)} | {value} |" for name, value in result.figures.items()]
        lines += ["", "</details>", ""]
    lines += [_made(result), ""]
    return "\n".join(lines)


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _check(check: Check) -> str:
    interval = "" if check.low is None else f"{check.low:.4g} to {check.high:.4g}"
    return f"| {_cell(check.name)} | {check.mean:.4g} | {interval} | {check.found} |"


def _progress(result: Result) -> str:
    return "" if result.done == result.of else f"{result.done} of {result.of} units of work were done."


def _made(result: Result) -> str:
    data = "; ".join(f"{one.name}, {sum(one.images.values()):,} images, key {one.key[:12]}" for one in result.data)
    seeds = f"seeds {', '.join(map(str, result.seeds))}" if result.seeds else "no seed whole"
    return (
        f"`{result.command}`\n\n{result.date}, {result.machine}, torch {result.torch}, "
        f"commit {result.commit or 'none'}; {seeds}; "
        f"{result.wall_seconds:.0f} s of this call, {result.compute_seconds:.0f} s of one core for all its units"
        f"{f'; {data}' if data else ''}."
    )
