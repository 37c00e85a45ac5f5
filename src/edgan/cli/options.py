"""The types of options and arguments that several verbs share, and the forms that their values have."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli.completion import complete_method, complete_preset, complete_run

ROUTE_FORM, SET_FORM = "--route TERM.NETWORK=WEIGHT", "--set NAME=VALUE"

DEVICES = "auto, cpu, cuda, mps, xpu, or one of several: cuda:1"

Method = Annotated[
    str, typer.Argument(help="a name that edgan methods lists", show_default=False, autocompletion=complete_method)
]
Run = Annotated[
    Path,
    typer.Argument(
        help="the run's folder, zoo:NAME or hub:USER/NAME",
        show_default=False,
        autocompletion=complete_run,
    ),
]
Input = Annotated[Path, typer.Argument(help="an image, a folder or a .zip", show_default=False)]
Out = Annotated[Path, typer.Argument(help="the folder to write to", show_default=False)]

Checkpoint = Annotated[str, typer.Option(help="best, newest or a step that is kept")]
Data = Annotated[Path, typer.Option("--data", help="a folder or .zip of images", show_default=False)]
Device = Annotated[str, typer.Option(help=DEVICES)]
Json = Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")]
Preset = Annotated[
    str | None,
    typer.Option(
        help="quick (minutes on two CPU cores), small or paper",
        show_default="quick, or small without one",
        autocompletion=complete_preset,
    ),
]
Routes = Annotated[
    list[str], typer.Option("--route", help="a cell of the table: TERM.NETWORK=WEIGHT (repeatable)", show_default=False)
]
Seed = Annotated[int, typer.Option(help="of the random numbers")]
Settings = Annotated[
    list[str], typer.Option("--set", help="a setting, such as optimiser.lr=1e-4 (repeatable)", show_default=False)
]
Size = Annotated[int | None, typer.Option(help="side of the square images in pixels", show_default="the preset's")]
StartFrom = Annotated[
    Path | None,
    typer.Option(
        "--from",
        help="start from the weights of this run, or of zoo:NAME",
        show_default=False,
        autocompletion=complete_run,
    ),
]
Sheet = Annotated[
    Path | None, typer.Option(help="also a titled contact sheet: a .png or .jpg file", show_default=False)
]
Enlarge = Annotated[int, typer.Option(help="write each pixel as a square of this many a side")]
Gif = Annotated[Path | None, typer.Option(help="also as an animation: a .gif file", show_default=False)]
Webp = Annotated[Path | None, typer.Option(help="the same as a .webp file", show_default=False)]
Mp4 = Annotated[Path | None, typer.Option(help="the same as an .mp4 file, by ffmpeg", show_default=False)]
Shard = Annotated[str | None, typer.Option(help="I/N: only every N-th input, from the I-th on", show_default=False)]
SkipExisting = Annotated[bool, typer.Option("--skip-existing", help="leave out inputs whose pictures are in OUT")]
What = Annotated[str, typer.Option(help="output, base, residual, or all of them in folders")]
