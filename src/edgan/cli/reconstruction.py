"""`edgan reconstruct`."""

from __future__ import annotations

from edgan.cli import note, show
from edgan.cli.options import Checkpoint, Device, Enlarge, Input, Json, Out, Run, Shard, Sheet, SkipExisting, What
from edgan.console import Bar


def reconstruct(
    run: Run,
    input: Input,
    out: Out,
    what: What = "output",
    sheet: Sheet = None,
    enlarge: Enlarge = 1,
    shard: Shard = None,
    skip_existing: SkipExisting = False,
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
            shard=shard,
            skip_existing=skip_existing,
            checkpoint=checkpoint,
            device=device,
            progress=progress,
            warn=note,
        )
    show.written_files(written, json)
