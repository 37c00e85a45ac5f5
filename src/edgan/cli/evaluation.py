"""`edgan evaluate`."""

from __future__ import annotations

from typing import Annotated

import typer

from edgan.cli import show
from edgan.cli.options import Data, Device, Json, Run


def evaluate(
    run: Run,
    data: Data,
    split: Annotated[str, typer.Option(help="test, val or train")] = "test",
    metric: Annotated[str, typer.Option(help="figures, or inversion: what the model cannot draw")] = "figures",
    device: Device = "auto",
    json: Json = False,
) -> None:
    """Measure a trained model on held-out images; every figure has its protocol."""
    from edgan import api

    result = api.evaluate(run, data, split=split, metric=metric, device=device)
    if json:
        show.as_json(result)
        return
    images = show.counted(result["images"], "image")
    show.say(f"{result['method']} in {result['run']} on the {result['split']} split of {result['data']}, {images}")
    for name, value in result["figures"].items():
        show.say(f"  {name:22} {value:.4g}")
    for name, protocol in result["protocol"].items():
        show.say(f"  {name}: {protocol}")
