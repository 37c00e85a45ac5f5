"""`python -m reproduction`: try a claim of the papers, or show the ledger as text."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

import reproduction
from edgan.cli import note, run_command, show
from edgan.errors import UsageError
from reproduction import Entry

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.command()
def reproduce(
    name: Annotated[str | None, typer.Argument(help="a row that --list shows: 1.2", show_default=False)] = None,
    list: Annotated[bool, typer.Option("--list", help="every claim, its last figure and its verdict")] = False,
    all: Annotated[bool, typer.Option("--all", help="every row that can be run; they share the budget")] = False,
    budget: Annotated[str | None, typer.Option(help="90s, 10m, 2h", show_default="no end")] = None,
    data: Annotated[Path, typer.Option(help="holds the real sets in folders of their names")] = Path("data"),
    out: Annotated[Path, typer.Option(help="for NAME.json, and work/ that makes it")] = Path("results"),
    scale: Annotated[str, typer.Option(help="small (two CPU cores), paper (GPU) or toy (seconds)")] = "small",
    workers: Annotated[int | None, typer.Option(help="processes at once", show_default="one a core")] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, ...")] = "auto",
    write_docs: Annotated[
        Path | None, typer.Option(help="write the page of all results there", show_default=False)
    ] = None,
    json: Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")] = False,
) -> None:
    """Try a claim of a paper within a time budget. Called again, it goes on where it stopped."""

    if list:
        if name is not None or all:
            raise UsageError("--list shows the ledger and runs nothing: leave the row's name and --all out.")
        entries = reproduction.ledger(out)
        if json:
            show.as_json({"rows": [_as_dict(entry) for entry in entries]})
        else:
            print("\n".join(_as_text(entry) for entry in entries))
        return
    results = reproduction.reproduce(
        name,
        all=all,
        budget=budget,
        data=data,
        out=out,
        scale=scale,
        workers=workers,
        device=device,
        write_docs=write_docs,
        say=note,
    )
    if json:
        show.as_json({"results": [one.model_dump(mode="json") for one in results]})
        return
    for one in results:
        print(f"{one.id:6} {one.verdict}: {one.headline or 'nothing to judge yet'} ({one.done} of {one.of} units)")
    if write_docs is not None:
        print(write_docs)


def _as_dict(entry: Entry) -> dict[str, Any]:
    claim, row = entry.claim, entry.row
    last = entry.results[0] if entry.results else None
    kept = ("date", "machine", "commit", "seeds", "scale", "headline")
    return {
        "id": claim.id,
        "claim": claim.text,
        "beyond_the_paper": claim.beyond,
        "data": [*claim.data],
        "budget": {"cpu": entry.budget("small"), "gpu": entry.budget("paper")},
        "paper_figure": claim.figure,
        "ours": {name: getattr(last, name) for name in kept} if last else None,
        "verdict": entry.verdict,
        "can_be_run": row is not None,
    }


def _as_text(entry: Entry) -> str:
    claim, row = entry.claim, entry.row
    lines = [f"{claim.id:6} {entry.verdict}", f"       {claim.text}"]
    needs = f"small {entry.budget('small')}, paper {entry.budget('paper')}" if row else "cannot be run yet"
    lines.append(f"       data {', '.join(claim.data) or 'none'}; budget: {needs}")
    lines.append(f"       paper {claim.figure}")
    for one in entry.results:
        seeds = ", ".join(map(str, one.seeds))
        lines.append(f"       ours  {one.headline or 'nothing to judge yet'}")
        lines.append(
            f"             {one.scale}, {one.date}, {one.machine}, commit {one.commit or 'none'}, seeds {seeds}"
        )
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> None:
    """Run one command and exit with its status."""
    run_command(lambda: app, "python -m reproduction", arguments)


if __name__ == "__main__":
    main()
