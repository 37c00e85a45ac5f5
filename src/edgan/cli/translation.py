"""`edgan translate`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import note, show
from edgan.cli.options import Checkpoint, Device, Enlarge, Json, Out, Run, Shard, Sheet, SkipExisting, What
from edgan.console import Bar


def translate(
    run: Run,
    input: Annotated[
        Path, typer.Argument(help="source pictures, or pairs: a file, folder or .zip", show_default=False)
    ],
    out: Out,
    variants: Annotated[int, typer.Option(help="pictures of each source, if the method has noise")] = 1,
    style: Annotated[
        Path | None,
        typer.Option(help="a picture whose style to take, or random, if the method has styles", show_default=False),
    ] = None,
    tiles: Annotated[
        bool, typer.Option("--tiles", help="keep each picture's own size; draw it in overlapping tiles")
    ] = False,
    layout: Annotated[
        str | None,
        typer.Option(
            help="images: each picture is a source; or side-by-side, a-b, images-labels", show_default="recognised"
        ),
    ] = None,
    what: What = "output",
    seed: Annotated[int, typer.Option(help="of the noise")] = 0,
    sheet: Sheet = None,
    enlarge: Enlarge = 1,
    shard: Shard = None,
    skip_existing: SkipExisting = False,
    checkpoint: Checkpoint = "best",
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Translate source pictures with a model trained on pairs: OUT/STEM.png, or OUT/STEM-1.png and on."""
    from edgan import api

    with Bar("translating", quiet=json) as progress:
        written = api.translate(
            run,
            input,
            out,
            variants=variants,
            style=style,
            tiles=tiles,
            layout=layout,
            what=what,
            seed=seed,
            sheet=sheet,
            enlarge=enlarge,
            shard=shard,
            skip_existing=skip_existing,
            checkpoint=checkpoint,
            device=device,
            progress=progress,
            warn=note,
        )
    show.written_files(written, json)
