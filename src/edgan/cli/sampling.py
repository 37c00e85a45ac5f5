"""`edgan sample`."""

from __future__ import annotations

from typing import Annotated

import typer

from edgan.cli import show
from edgan.cli.options import Checkpoint, Device, Json, Out, Run, Seed
from edgan.console import Bar


def sample(
    run: Run,
    out: Out,
    count: Annotated[int, typer.Option(help="number of images")] = 16,
    seed: Seed = 0,
    interpolate: Annotated[
        int, typer.Option(help="images on the path between two samples; writes COUNT paths as one sheet")
    ] = 0,
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
            checkpoint=checkpoint,
            device=device,
            progress=progress,
        )
    show.written_files(written, json)
