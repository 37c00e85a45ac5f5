"""The overview docs/REPRODUCTION.md, and all pages of the ledger: made from results alone, so equal for equal ones."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from edgan.storage.durable import make_folder, write_bytes_atomic
from reproduction.claims import PAPERS
from reproduction.framework.curves import curves_name, draw_curves
from reproduction.framework.judgement import AGAIN, Judgement
from reproduction.framework.results import Result
from reproduction.framework.row_page import FOLDER, OVERVIEW, LedgerEntry, cells, curves_of, page_name, row_page, short
from reproduction.framework.schema import Row
from reproduction.framework.takeaway import takeaway
from reproduction.framework.verdict import NOT_RUN, Figure

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

A verdict is computed. Each claim is written as checks of quantities that are measured once per training, so that the
95 % intervals (Student's t) are over seeds. An order holds if the interval is above 0, an equivalence if it lies within
the margin on both sides. The claim **holds** if all checks hold. It **does not hold** if one fails, corrected for the
number of checks (Holm). Otherwise it is **undecided**. A rank correlation is judged from 5 seeds on.

Before that, the row's gates must pass: the budget at which a verdict is worth having, equal budgets of rivals, models
that beat the mean picture, and losses that have flattened. If a gate fails or was not measured, the row is **too short
to say**, whatever its checks give, and its page says what it needs. **To be run again**: today's code would no longer
give the figures. The test split is used for these figures and never to choose settings. A + marks a claim that goes
beyond its paper. Each row shows the largest scale at which it was run. Scale cpu is the smallest budget on two CPU
cores that deserves a verdict. Scale small is shorter and older; a row that still shows it was not trained again. Scale
gpu is longer, for minutes of a GPU. Scale paper is the papers' own, for hours of one.

Measurements that belong to no row:
"""


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
        shown = _shown(entry)
        if not shown:
            continue
        files[f"{FOLDER}/{page_name(entry.claim)}"] = row_page(entry, shown).encode()
        for judgement in shown:
            curves = curves_of(judgement)
            if curves:
                files[f"{FOLDER}/{curves_name(judgement.result)}"] = draw_curves(judgement.result, curves)
    return files


def _notes_in(docs: Path) -> list[tuple[str, str]]:
    """(file name, title) of the notes written by hand."""
    paths = sorted((docs / FOLDER).glob("notes-*.md"))
    return [
        (path.name, path.read_text(encoding="utf-8").partition("\n")[0].removeprefix("# Notes: ")) for path in paths
    ]


def _shown(entry: LedgerEntry) -> list[Judgement]:
    """The judgement at the largest scale that has a result."""
    return [judgement for judgement in entry.judgements if judgement.result.scale != TOY][:1]


def _overview(entries: Sequence[LedgerEntry], notes: Sequence[tuple[str, str]]) -> str:
    lines = [HEAD, *(f"- [{title}]({FOLDER}/{name})" for name, title in notes), ""]
    for number, paper in PAPERS.items():
        lines += [f"## {number}. {paper}", "", *_table([entry for entry in entries if entry.claim.paper == number]), ""]
    return "\n".join(lines)


def _table(entries: Sequence[LedgerEntry]) -> list[str]:
    lines = [
        "| row | claim | the paper | ours | scale | verdict | what a reader should take from it |",
        "|---|---|---|---|---|---|---|",
    ]
    for entry in entries:
        claim, shown = entry.claim, _shown(entry)
        if not shown:
            lines.append(cells(claim.id, claim.text, claim.figure, "", "", NOT_RUN, _of_no_result(entry.needed)))
        for judgement in shown:
            link = f"[{claim.id}]({FOLDER}/{page_name(claim)})"
            verdict = short(judgement.verdict) + (", to be run again" if _marked(judgement) else "")
            ours = brief_of(entry.row, judgement.result)
            scale = judgement.result.scale
            lines.append(cells(link, claim.text, claim.figure, ours, scale, verdict, takeaway(judgement)))
    return lines


def _of_no_result(needed: str) -> str:
    """What a reader should know of a claim that was never run."""
    return f"Nothing: it was not run.{f' To decide it needs {needed}.' if needed else ''}"


def _marked(judgement: Judgement) -> bool:
    """Whether a verdict does not say by itself that the row is to be run again."""
    return bool(judgement.stale) and judgement.verdict != AGAIN


def brief_of(row: Row | None, result: Result) -> str:
    """A result's figures in a few words, with half of their 95 % intervals: the row's `brief`, or the headline."""
    names = re.findall(r"\{([^{}|]+)[^{}]*\}", row.brief) if row else []
    if row is None or not names or any(name not in result.figures for name in names):
        return result.headline

    def value(match: re.Match[str]) -> str:
        return _with_half(result.figures[match[1]], match[2] or ".3g")

    return re.sub(r"\{([^{}|]+)\|?([^{}]*)\}", value, row.brief)


def _with_half(value: Figure, form: str) -> str:
    mean = format(value.mean, form)
    return mean if value.high is None else f"{mean} ± {format(value.high - value.mean, form)}"
