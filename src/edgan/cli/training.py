"""`edgan train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import is_follower, note, show
from edgan.cli.assignments import parse_assignments
from edgan.cli.options import ROUTE_FORM, SET_FORM, Data, Json, Method, Preset, Routes, Settings, Size, StartFrom
from edgan.console import Bar
from edgan.errors import counted


def train(
    method: Method,
    data: Data,
    out: Annotated[Path, typer.Option(help="the run's folder, new unless --resume", show_default=False)],
    size: Size = None,
    steps: Annotated[int | None, typer.Option(help="steps in all", show_default="20000")] = None,
    batch: Annotated[int | None, typer.Option(help="images in a step", show_default="the preset's")] = None,
    preset: Preset = None,
    device: Annotated[str | None, typer.Option(help="auto, cpu, cuda, ...", show_default="auto")] = None,
    precision: Annotated[str | None, typer.Option(help="float32, bfloat16 or float64", show_default="float32")] = None,
    seed: Annotated[int | None, typer.Option(help="of weights, order and noise", show_default="0")] = None,
    set: Settings = [],  # noqa: B006
    route: Routes = [],  # noqa: B006
    start_from: StartFrom = None,
    resume: Annotated[bool, typer.Option("--resume", help="continue from the newest complete checkpoint")] = False,
    patience: Annotated[
        int | None, typer.Option(help="stop after this many evaluations without a better score", show_default="never")
    ] = None,
    json: Json = False,
) -> None:
    """Train a method on a folder of images. Ctrl-C saves; --resume continues bit for bit."""
    from edgan import api
    from edgan.training.display import training_bar

    with Bar("decoding", quiet=json) as decoding, training_bar(json) as watch:
        run = api.train(
            method,
            data,
            out,
            size=size,
            steps=steps,
            batch=batch,
            preset=preset,
            device=device,
            precision=precision,
            seed=seed,
            set=parse_assignments(set, SET_FORM),
            route=parse_assignments(route, ROUTE_FORM),
            start_from=start_from,
            resume=resume,
            patience=patience,
            watch=watch,
            warn=note,
            decoding=decoding,
        )
    if is_follower():
        return
    held_out = next((line["held_out"] for line in reversed(run.log()) if "held_out" in line), None)
    used = run.checkpoint()
    if json:
        show.as_json({"run": str(run.path), "steps": run.step, "held_out": held_out, "checkpoint": used.to_dict()})
    else:
        show.say(
            f"{run.path}: {counted(run.step, 'step')} done; commands use {used}; look at {run.path / 'report.html'}"
        )
