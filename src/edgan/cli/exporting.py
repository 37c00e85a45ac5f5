"""`edgan export`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgan.cli import note, show
from edgan.cli.options import Checkpoint, Json, Run

if TYPE_CHECKING:
    from edgan.api import ExportedFile

MEGABYTE = 1_000_000
LARGE = 25 * MEGABYTE
GREY_LEVELS = 127.5


def export(
    run: Run,
    out: Annotated[Path, typer.Argument(help="the file to write: it ends in .onnx or .html", show_default=False)],
    graph: Annotated[str | None, typer.Option(help="write this graph alone to OUT (.onnx)", show_default=False)] = None,
    example: Annotated[
        list[Path], typer.Option(help="a picture that the page offers to try (.html, repeatable)", show_default=False)
    ] = [],  # noqa: B006
    checkpoint: Checkpoint = "best",
    json: Json = False,
) -> None:
    """Write a model as ONNX, or as one HTML page that runs it in any browser, offline."""
    from edgan import api

    files = api.export(run, out, graph=graph, example=example, checkpoint=checkpoint)
    if json:
        show.as_json({"files": [file.to_dict() for file in files]})
        return
    for file in files:
        _print(file)


def _print(file: ExportedFile) -> None:
    """A file, with what its graphs take and give."""
    page = file.path.suffix.lower() == ".html"
    said = f"{file.difference * GREY_LEVELS:.2g} grey levels" if page else f"{file.difference:.1g}"
    show.say(f"{file.path}: {file.bytes / MEGABYTE:.1f} MB; differs from torch by at most {said}")
    if page:
        show.say("  open it in a browser; it needs no network, and photos stay on the device")
        if file.bytes > LARGE:
            note(f"{file.path.name} has {file.bytes / MEGABYTE:.0f} MB. A phone may not open it.")
        return
    for graph in file.graphs:
        show.say(f"  {graph.name}")
        for side in ("inputs", "outputs"):
            for port in getattr(graph, side):
                show.say(f"    {side[:-1]:7}{port}")
