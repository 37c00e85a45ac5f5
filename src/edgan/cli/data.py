"""`edgan data check` and `edgan data synth`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import show
from edgan.cli.help import WholeHelp
from edgan.cli.options import Json, Seed
from edgan.console import Bar

data_app = typer.Typer(
    cls=WholeHelp, help="Check a data set, or write a built-in one.", no_args_is_help=True, rich_markup_mode=None
)


@data_app.command("check")
def data_check(
    path: Annotated[Path, typer.Argument(help="a folder or .zip of images", show_default=False)],
    attributes: Annotated[str | None, typer.Option(help="those a training would use: A,B", show_default="all")] = None,
    layout: Annotated[
        str | None, typer.Option(help="how to read it, as docs/data.md lists", show_default="recognised")
    ] = None,
    direction: Annotated[str, typer.Option(help="of pairs: BtoA (the left half or A/ is the image) or AtoB")] = "BtoA",
    run: Annotated[
        str | None,
        typer.Option(help="a run or zoo:NAME: compare the images with its training images", show_default=False),
    ] = None,
    json: Json = False,
) -> None:
    """List what a data set holds and what is wrong with it, file by file."""
    from edgan.api.data_check import check_data

    wanted = None if attributes is None else [name.strip() for name in attributes.split(",") if name.strip()]
    with Bar("checking") as progress:
        report = check_data(path, wanted, layout=layout, direction=direction, run=run, progress=progress).to_dict()
    if json:
        show.as_json(report)
    else:
        show.data_check(report)


@data_app.command("synth")
def data_synth(
    kind: Annotated[str, typer.Argument(help="faces, facades or digits", show_default=False)],
    dest: Annotated[Path, typer.Argument(help="a new folder", show_default=False)],
    count: Annotated[int, typer.Option(help="number of images")] = 2000,
    size: Annotated[int, typer.Option(help="side in pixels")] = 64,
    seed: Seed = 0,
    independent: Annotated[
        bool, typer.Option("--independent", help="draw the factors of faces independently of each other")
    ] = False,
    patterned: Annotated[
        bool, typer.Option("--patterned", help="draw faces with patterns on backgrounds and clothes")
    ] = False,
) -> None:
    """Write a built-in rendered data set as an ordinary folder."""
    from edgan.synthetic import write_folder

    with Bar("rendering") as progress:
        show.say(write_folder(kind, dest, count, size, seed, progress, independent, patterned))
