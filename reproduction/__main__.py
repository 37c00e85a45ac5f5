"""`python -m reproduction`: test a claim of the papers, or show the ledger as text."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Annotated, Any

import typer

import reproduction
from edgan.cli import note, run_command, show
from edgan.errors import UsageError
from reproduction import Entry
from reproduction.figures import FIGURES, draw_all
from reproduction.framework.mean_picture import read_mean_pictures
from reproduction.framework.page import write_pages
from reproduction.framework.results import Result
from reproduction.ledger import judged
from reproduction.runner import parse_budget

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def reproduce(
    name: Annotated[
        str | None, typer.Argument(help="a row that --list shows, such as 1.2, or figures", show_default=False)
    ] = None,
    list: Annotated[bool, typer.Option("--list", help="list every claim, our figures and the verdict")] = False,
    all: Annotated[bool, typer.Option("--all", help="run every row that can be run; they share the budget")] = False,
    budget: Annotated[str | None, typer.Option(help="90s, 10m, 2h", show_default="no limit")] = None,
    data: Annotated[Path, typer.Option(help="folder of the real data sets, in folders of their names")] = Path("data"),
    out: Annotated[Path, typer.Option(help="for NAME.json, and for the work in work/")] = Path("results"),
    scale: Annotated[
        str | None,
        typer.Option(
            help="cpu or small (two cores), gpu (minutes of one), paper (hours of one), toy (seconds)",
            show_default="cpu, or else small",
        ),
    ] = None,
    workers: Annotated[int | None, typer.Option(help="processes at once", show_default="one for each core")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, ...")] = "auto",
    write_docs: Annotated[
        Path | None, typer.Option(help="folder to write REPRODUCTION.md and the rows' pages into", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")] = False,
) -> None:
    """Test a claim of a paper within a time budget, or draw the papers' figures. Run it again to resume."""

    if name == "figures":
        if write_docs is None:
            raise UsageError("Where should the figures be written? Add --write-docs docs.")
        seconds = math.inf if budget is None else parse_budget(budget)
        print(draw_all(FIGURES, write_docs, out / "work", seconds=seconds, say=note, device=device))
        return
    if list:
        if name is not None or all:
            raise UsageError("--list runs nothing: omit the row's name and --all.")
        entries = reproduction.ledger(out)
        if json:
            show.as_json({"rows": [_as_dict(entry) for entry in entries]})
        else:
            print("\n".join(_as_text(entry) for entry in entries))
        return
    results: tuple[Result, ...] = ()
    if name is not None or all:
        chosen = reproduction.reproduce(
            name, all=all, budget=budget, data=data, out=out, scale=scale, workers=workers, device=device, say=note
        )
        results = tuple(chosen)
    elif write_docs is None:
        raise UsageError("Which row? Give its name or --all, or use --list to see them.")
    page = write_pages(write_docs, reproduction.ledger(out)) if write_docs is not None else None
    if json:
        show.as_json({"results": [result.model_dump(mode="json") for result in results]})
        return
    for result in results:
        headline = result.headline or "nothing to judge yet"
        judgement = judged(result, read_mean_pictures(out))
        print(f"{result.id:6} {judgement.verdict}: {headline} ({result.done} of {result.of} units)")
        if judgement.needed:
            print(f"       It needs: {judgement.needed}.")
    if page is not None:
        print(page)


def _as_dict(entry: Entry) -> dict[str, Any]:
    claim, row = entry.claim, entry.row
    latest = entry.results[0] if entry.results else None
    judgement = entry.judgements[0] if entry.judgements else None
    kept = ("date", "machine", "commit", "seeds", "scale", "headline")
    return {
        "id": claim.id,
        "claim": claim.text,
        "beyond_the_paper": claim.beyond,
        "data": [*claim.data],
        "budget": entry.budgets,
        "paper_figure": claim.figure,
        "ours": {name: getattr(latest, name) for name in kept} if latest else None,
        "verdict": entry.verdict,
        "needed": entry.needed,
        "run_again_because": [rerun.reason for rerun in judgement.stale] if judgement else [],
        "can_be_run": row is not None,
    }


def _as_text(entry: Entry) -> str:
    claim = entry.claim
    lines = [f"{claim.id:6} {entry.verdict}", f"       {claim.text}"]
    took = [f"{scale} {time}" for scale, time in entry.budgets.items() if time]
    unknown = [scale for scale, time in entry.budgets.items() if not time]
    times = [*took, *([f"not measured at {', '.join(unknown)}"] if unknown else [])]
    lines.append(f"       data {', '.join(claim.data) or 'none'}; time: {'; '.join(times) or 'cannot be run'}")
    lines.append(f"       paper {claim.figure}")
    if not entry.judgements and entry.needed:
        lines.append(f"       needs {entry.needed}")
    for judgement in entry.judgements:
        result = judgement.result
        seeds = ", ".join(map(str, result.seeds))
        lines.append(f"       ours  {result.headline or 'nothing to judge yet'}")
        made = f"{result.scale}, {result.date}, {result.machine}, commit {result.commit or 'none'}, seeds {seeds}"
        lines.append(f"             {made}")
        if judgement.needed:
            lines.append(f"             needs {judgement.needed}")
        lines += [f"             to be run again: {rerun.reason}" for rerun in judgement.stale]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its status."""
    run_command(lambda: app, "python -m reproduction", arguments)


if __name__ == "__main__":
    main()
