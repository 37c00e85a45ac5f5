"""`edgan sample`."""

from __future__ import annotations

from typing import Annotated

import typer

from edgan.cli import show
from edgan.cli.options import Checkpoint, Device, Enlarge, Gif, Json, Mp4, Out, Run, Seed, Sheet, Webp
from edgan.console import Bar


def sample(
    run: Run,
    out: Out,
    count: Annotated[int, typer.Option(help="number of images")] = 16,
    seed: Seed = 0,
    interpolate: Annotated[
        int, typer.Option(help="images on the path between two samples; writes COUNT paths as one sheet")
    ] = 0,
    walk: Annotated[int, typer.Option(help="images from each of COUNT samples to the next, and back to the first")] = 0,
    sheet: Sheet = None,
    enlarge: Enlarge = 1,
    gif: Gif = None,
    webp: Webp = None,
    mp4: Mp4 = None,
    checkpoint: Checkpoint = "best",
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Draw new images from a model whose latent has a prior."""
    from edgan import api

    with Bar("sampling", quiet=json) as progress:
        written = api.sample(
            run,
            out,
            count=count,
            seed=seed,
            interpolate=interpolate,
            walk=walk,
            sheet=sheet,
            enlarge=enlarge,
            gif=gif,
            webp=webp,
            mp4=mp4,
            checkpoint=checkpoint,
            device=device,
            progress=progress,
        )
    show.written_files(written, json)
