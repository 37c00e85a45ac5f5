"""The verb `translate`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import note, show


def translate(
    run: Annotated[Path, typer.Argument(help="the run's folder", show_default=False)],
    input: Annotated[
        Path, typer.Argument(help="source pictures, or pairs: a file, folder or .zip", show_default=False)
    ],
    out: Annotated[Path, typer.Argument(help="a folder", show_default=False)],
    variants: Annotated[int, typer.Option(help="pictures of each source, where the method has noise")] = 1,
    style: Annotated[
        Path | None, typer.Option(help="a picture whose style they take, where the method has one", show_default=False)
    ] = None,
    tiles: Annotated[bool, typer.Option("--tiles", help="at their own size, uncut, in overlapping tiles")] = False,
    what: Annotated[str, typer.Option(help="output, base, residual, or all of them in folders")] = "output",
    seed: Annotated[int, typer.Option(help="of the noise")] = 0,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, ...")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")] = False,
) -> None:
    """Translate source pictures with a model trained on pairs: OUT/STEM.png, or OUT/STEM-1.png and on."""
    from edgan import api

    with show.bar("translating") as progress:
        written = api.translate(
            run,
            input,
            out,
            variants=variants,
            style=style,
            tiles=tiles,
            what=what,
            seed=seed,
            device=device,
            progress=progress,
            warn=note,
        )
    show.tell_written(written, json)
