"""`edgan reconstruct`."""

from __future__ import annotations

from edgan.cli import note, show
from edgan.cli.options import Checkpoint, Device, Enlarge, Input, Json, Out, Run, Sheet, What
from edgan.console import Bar


def reconstruct(
    run: Run,
    input: Input,
    out: Out,
    what: What = "output",
    sheet: Sheet = None,
    enlarge: Enlarge = 1,
    checkpoint: Checkpoint = "best",
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Reconstruct images: output, base or residual as OUT/STEM.png."""
    from edgan import api

    with Bar("reconstructing", quiet=json) as progress:
        written = api.reconstruct(
            run,
            input,
            out,
            what=what,
            sheet=sheet,
            enlarge=enlarge,
            checkpoint=checkpoint,
            device=device,
            progress=progress,
            warn=note,
        )
    show.written_files(written, json)
