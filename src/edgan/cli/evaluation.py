"""`edgan evaluate`."""

from __future__ import annotations

from typing import Annotated

import typer

from edgan.cli import show
from edgan.cli.options import Checkpoint, Data, Device, Json, Run


def evaluate(
    run: Run,
    data: Data,
    split: Annotated[str, typer.Option(help="test, val or train")] = "test",
    metric: Annotated[str, typer.Option(help="figures, or inversion: what the model cannot draw")] = "figures",
    checkpoint: Checkpoint = "best",
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Measure a trained model on held-out images; every figure has its protocol."""
    from edgan import api
    from edgan.models.used_checkpoint import UsedCheckpoint

    result = api.evaluate(run, data, split=split, metric=metric, checkpoint=checkpoint, device=device)
    if json:
        show.as_json(result)
        return
    used = UsedCheckpoint(**result["checkpoint"])
    images = show.counted(result["images"], "image")
    show.say(f"{result['method']} in {result['run']}, {used}")
    show.say(f"on the {result['split']} split of {result['data']}, {images}")
    for name, value in result["figures"].items():
        show.say(f"  {name:22} {value:.4g}")
    for name, protocol in result["protocol"].items():
        show.say(f"  {name}: {protocol}")
