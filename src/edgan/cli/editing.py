"""The verb `edit`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import note, show
from edgan.cli.assignments import parse_assignments


def edit(
    run: Annotated[Path, typer.Argument(help="the run's folder", show_default=False)],
    input: Annotated[Path, typer.Argument(help="an image, a folder or a .zip", show_default=False)],
    out: Annotated[Path, typer.Argument(help="a folder", show_default=False)],
    set: Annotated[
        list[str], typer.Option("--set", help="an attribute: Eyeglasses=3.5, or a class: 7=1", show_default=False)
    ] = [],  # noqa: B006
    sweep: Annotated[
        str | None, typer.Option(help="one attribute over a range, as a strip: NAME=LO:HI:N", show_default=False)
    ] = None,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, ...")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")] = False,
) -> None:
    """Turn attributes up or down, or change the class: OUT/STEM.png; a sweep writes labelled strips."""
    from edgan import api

    with show.bar("editing") as progress:
        written = api.edit(
            run,
            input,
            out,
            set=dict(parse_assignments(set, "--set NAME=VALUE")),
            sweep=sweep,
            device=device,
            progress=progress,
            warn=note,
        )
    show.tell_written(written, json)
