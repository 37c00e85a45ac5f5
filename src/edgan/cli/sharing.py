"""`edgan push` and `edgan pull`."""

from __future__ import annotations

from typing import Annotated

import typer

from edgan.cli import show
from edgan.cli.options import Checkpoint, Json, Out, Run

Name = Annotated[str, typer.Argument(help="USER/NAME of the repository", show_default=False)]


def push(
    run: Run,
    name: Name,
    license: Annotated[str, typer.Option(help="of the weights, such as apache-2.0 or cc-by-4.0")] = "other",
    private: Annotated[bool, typer.Option("--private", help="make a new repository private")] = False,
    whole: Annotated[bool, typer.Option("--whole", help="with all that resuming needs")] = False,
    preview: Annotated[bool, typer.Option("--preview", help="with the training's newest preview picture")] = False,
    checkpoint: Checkpoint = "best",
    json: Json = False,
) -> None:
    """Upload a run to the Hugging Face Hub, with a model card. hub:USER/NAME then works wherever a RUN does."""
    from edgan import api

    address = api.push(run, name, license=license, private=private, whole=whole, preview=preview, checkpoint=checkpoint)
    if json:
        show.as_json({"address": address})
    else:
        show.say(f"{address} holds {run}; edit its README to tell what the data is")


def pull(name: Name, out: Out, json: Json = False) -> None:
    """Fetch a run from the Hugging Face Hub into a folder."""
    from edgan import api

    run = api.pull(name, out)
    used = run.checkpoint()
    if json:
        show.as_json({"run": str(run.path), "method": run.configuration.method, "checkpoint": used.to_dict()})
    else:
        show.say(f"{run.path}: a run of {run.configuration.method}; commands use {used}")
