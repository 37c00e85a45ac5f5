"""`edgan timelapse`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import show
from edgan.cli.options import Json, Mp4, Webp


def timelapse(
    run: Annotated[Path, typer.Argument(help="the folder of a run", show_default=False)],
    gif: Annotated[Path | None, typer.Option(help="the .gif file to write", show_default=False)] = None,
    webp: Webp = None,
    mp4: Mp4 = None,
    json: Json = False,
) -> None:
    """Show a training's previews one after the other, as an animation."""
    from edgan import api

    files = [str(path) for path in api.timelapse(run, gif=gif, webp=webp, mp4=mp4)]
    if json:
        show.as_json({"files": files})
    else:
        show.say(", ".join(files))
