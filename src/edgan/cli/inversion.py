"""`edgan invert`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import note, show
from edgan.cli.options import Checkpoint, Device, Enlarge, Input, Json, Out, Shard, Sheet
from edgan.console import Bar
from edgan.errors import listed


def invert(
    run: Annotated[
        Path, typer.Argument(help="the folder of an inversion run (connection, encoder)", show_default=False)
    ],
    input: Input,
    out: Out,
    how: Annotated[
        str | None, typer.Option(help="connection, encoder, optimise or hybrid", show_default="the run's network")
    ] = None,
    steps: Annotated[int, typer.Option(help="most L-BFGS steps for each image")] = 200,
    sheet: Sheet = None,
    enlarge: Enlarge = 1,
    shard: Shard = None,
    checkpoint: Checkpoint = "best",
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Find the latents of images: OUT/latents.npy, and each image redrawn from its latent as OUT/STEM.png."""
    from edgan import api

    with Bar("inverting", quiet=json) as progress:
        inverted = api.invert(
            run,
            input,
            out,
            how=how,
            steps=steps,
            sheet=sheet,
            enlarge=enlarge,
            shard=shard,
            checkpoint=checkpoint,
            device=device,
            progress=progress,
            warn=note,
        )
    figures = {"how": inverted.how, "psnr": inverted.psnr, "ssim": inverted.ssim, "seconds": inverted.seconds}
    if json:
        show.as_json({"out": str(inverted.out), **figures, **show.written_paths(inverted)})
        return
    for stem, reason in inverted.failed:
        note(f"left out {stem}: {reason}")
    count = len(inverted.files) - len(inverted.latents)
    show.say(
        f"{show.counted(count, 'latent')} in {listed(map(str, inverted.latents), 2)}, by {inverted.how}, "
        f"{1000 * inverted.seconds / count:.1f} ms an image; redrawn: PSNR {inverted.psnr:.2f} dB, "
        f"SSIM {inverted.ssim:.3f}{show.also_written(inverted)}"
    )
