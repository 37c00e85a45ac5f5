"""`edgan edit`."""

from __future__ import annotations

from typing import Annotated

import typer

from edgan.cli import note, show
from edgan.cli.assignments import parse_assignments
from edgan.cli.options import (
    SET_FORM,
    Checkpoint,
    Device,
    Enlarge,
    Gif,
    Input,
    Json,
    Mp4,
    Out,
    Run,
    Shard,
    Sheet,
    SkipExisting,
    Webp,
)
from edgan.console import Bar


def edit(
    run: Run,
    input: Input,
    out: Out,
    set: Annotated[
        list[str], typer.Option("--set", help="an attribute: Eyeglasses=3.5, or a class: 7=1", show_default=False)
    ] = [],  # noqa: B006
    sweep: Annotated[
        str | None, typer.Option(help="one attribute over a range, as a strip: NAME=LO:HI:N", show_default=False)
    ] = None,
    sheet: Sheet = None,
    enlarge: Enlarge = 1,
    gif: Gif = None,
    webp: Webp = None,
    mp4: Mp4 = None,
    shard: Shard = None,
    skip_existing: SkipExisting = False,
    checkpoint: Checkpoint = "best",
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Turn attributes up or down, or change the class: OUT/STEM.png. A sweep writes labelled strips."""
    from edgan import api

    with Bar("editing", quiet=json) as progress:
        written = api.edit(
            run,
            input,
            out,
            set=dict(parse_assignments(set, SET_FORM)),
            sweep=sweep,
            sheet=sheet,
            enlarge=enlarge,
            gif=gif,
            webp=webp,
            mp4=mp4,
            shard=shard,
            skip_existing=skip_existing,
            checkpoint=checkpoint,
            device=device,
            progress=progress,
            warn=note,
        )
    show.written_files(written, json)
