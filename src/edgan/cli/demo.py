"""`edgan demo`."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import note, show
from edgan.cli.options import Seed


def demo(
    out: Annotated[Path, typer.Option(help="a new folder for data, runs and report")] = Path("demo"),
    seed: Seed = 0,
) -> None:
    """Train ED//GAN and ED+GAN on built-in faces, rank them, and write one HTML report."""
    from edgan.api.demo import demo as run_demo
    from edgan.training.display import training_bar

    with training_bar(quiet=False) as watch:
        report = run_demo(out, seed=seed, say=note, watch=watch)
    show.say(report)
    program = "edgan" if shutil.which("edgan") else sys.argv[0]
    note(f"Edit and compare with the trained models in your browser: {shlex.join([program, 'studio', str(out)])}")
