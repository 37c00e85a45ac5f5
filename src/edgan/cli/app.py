"""The application: every verb under its name. Help lists them in this order."""

from __future__ import annotations

from typing import Annotated

import typer

from edgan.cli.data import data_app
from edgan.cli.demo import demo
from edgan.cli.editing import edit
from edgan.cli.evaluation import evaluate
from edgan.cli.explanation import explain
from edgan.cli.exporting import export
from edgan.cli.help import WholeHelp
from edgan.cli.inversion import invert
from edgan.cli.machine import doctor
from edgan.cli.method_list import methods
from edgan.cli.preview_animation import timelapse
from edgan.cli.ranking import rank
from edgan.cli.reconstruction import reconstruct
from edgan.cli.sampling import sample
from edgan.cli.sharing import pull, push
from edgan.cli.studio import studio
from edgan.cli.training import train
from edgan.cli.translation import translate
from edgan.cli.zoo import zoo

app = typer.Typer(
    cls=WholeHelp, no_args_is_help=True, add_completion=True, pretty_exceptions_enable=False, rich_markup_mode=None
)


@app.callback(invoke_without_command=True)
def version(
    show_version: Annotated[bool, typer.Option("--version", help="print the version", is_eager=True)] = False,
) -> None:
    """Image models that join an encoder-decoder with a GAN. A table says which loss teaches which network."""
    if show_version:
        from edgan._version import __version__

        print(__version__)
        raise typer.Exit()


VERBS = (
    *(demo, zoo, methods, explain, train, reconstruct, sample, edit, invert, translate),
    *(timelapse, evaluate, rank, export, push, pull, studio, doctor),
)
for verb in VERBS:
    app.command()(verb)
app.add_typer(data_app, name="data")
