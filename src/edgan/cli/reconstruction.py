"""`edgan reconstruct`."""

from __future__ import annotations

from edgan.cli import note, show
from edgan.cli.options import Checkpoint, Device, Input, Json, Out, Run, What
from edgan.console import Bar


def reconstruct(
    run: Run,
    input: Input,
    out: Out,
    what: What = "output",
    checkpoint: Checkpoint = "best",
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Reconstruct images: output, base or residual as OUT/STEM.png."""
    from edgan import api

    with Bar("reconstructing", quiet=json) as progress:
        written = api.reconstruct(
            run, input, out, what=what, checkpoint=checkpoint, device=device, progress=progress, warn=note
        )
    show.written_files(written, json)
