"""The verb `invert`: its options."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import note, show


def invert(
    run: Annotated[
        Path, typer.Argument(help="the folder of an inversion run (connection, encoder)", show_default=False)
    ],
    input: Annotated[Path, typer.Argument(help="an image, a folder or a .zip", show_default=False)],
    out: Annotated[Path, typer.Argument(help="a folder", show_default=False)],
    how: Annotated[
        str | None, typer.Option(help="connection, encoder, optimise or hybrid", show_default="the run's network")
    ] = None,
    steps: Annotated[int, typer.Option(help="of L-BFGS an image, at most")] = 200,
    device: Annotated[str, typer.Option(help="auto, cpu, cuda, ...")] = "auto",
    json: Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")] = False,
) -> None:
    """The latents of images: OUT/latents.npy, and each image drawn from its latent as OUT/STEM.png."""
    from edgan import api

    with show.bar("inverting") as progress:
        found = api.invert(run, input, out, how=how, steps=steps, device=device, progress=progress)
    figures = {"how": found.how, "psnr": found.psnr, "ssim": found.ssim, "seconds": found.seconds}
    if json:
        files = [str(path) for path in found.files]
        show.as_json({"out": str(found.out), **figures, "files": files, "failed": dict(found.failed)})
        return
    for stem, reason in found.failed:
        note(f"left out {stem}: {reason}")
    count = len(found.files) - 1
    print(
        f"{count} latents in {found.files[0]}, by {found.how}, {1000 * found.seconds / count:.1f} ms an image; "
        f"drawn again: PSNR {found.psnr:.2f} dB, SSIM {found.ssim:.3f}"
    )
