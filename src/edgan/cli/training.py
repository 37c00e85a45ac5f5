"""`edgan train`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import is_follower, note, show
from edgan.cli.assignments import parse_assignments
from edgan.cli.completion import complete_method
from edgan.cli.options import DEVICES, ROUTE_FORM, SET_FORM, Json, Preset, Routes, Settings, Size, StartFrom
from edgan.console import Bar, teller
from edgan.errors import UsageError, counted


def train(
    method: Annotated[
        str | None,
        typer.Argument(help="a name that edgan methods lists", show_default=False, autocompletion=complete_method),
    ] = None,
    data: Annotated[Path | None, typer.Option(help="a folder or .zip of images", show_default=False)] = None,
    out: Annotated[Path | None, typer.Option(help="the run's folder, new unless --resume", show_default=False)] = None,
    size: Size = None,
    steps: Annotated[int | None, typer.Option(help="steps in all", show_default="the preset's")] = None,
    batch: Annotated[int | None, typer.Option(help="images in a step", show_default="the preset's")] = None,
    preset: Preset = None,
    device: Annotated[str | None, typer.Option(help=DEVICES, show_default="auto")] = None,
    precision: Annotated[
        str | None, typer.Option(help="auto, float32, bfloat16 or float64", show_default="auto")
    ] = None,
    seed: Annotated[int | None, typer.Option(help="of weights, order and noise", show_default="0")] = None,
    set: Settings = [],  # noqa: B006
    route: Routes = [],  # noqa: B006
    start_from: StartFrom = None,
    resume: Annotated[bool, typer.Option("--resume", help="continue from the newest complete checkpoint")] = False,
    patience: Annotated[
        int | None, typer.Option(help="stop after this many evaluations without a better score", show_default="never")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="a .toml file for what is not given here", show_default=False)
    ] = None,
    save_config: Annotated[
        Path | None, typer.Option(help="write the .toml file that repeats this training", show_default=False)
    ] = None,
    tensorboard: Annotated[
        Path | None, typer.Option(help="a folder for tensorboard --logdir", show_default=False)
    ] = None,
    json: Json = False,
) -> None:
    """Train a method on a folder of images. Ctrl-C saves; --resume continues bit for bit."""
    from edgan import api
    from edgan.training.display import training_bar

    needed = {"method": method, "data": data, "out": out}
    if config is None and (missing := [name for name, given in needed.items() if given is None]):
        raise UsageError("must be given. See edgan train --help.", parameter=missing[0])
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
            config=config,
            save_config=save_config,
            tensorboard=tensorboard,
            watch=watch,
            warn=note,
            say=teller(json),
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
