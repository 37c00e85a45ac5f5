"""`edgan rank`, and a ranking as text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgan.cli import note, show
from edgan.cli.assignments import parse_assignments
from edgan.cli.options import Json, Seed
from edgan.console import Bar
from edgan.errors import UsageError

if TYPE_CHECKING:
    from edgan.metrics import Ranking


def rank(
    real: Annotated[Path, typer.Option(help="a folder, .zip, .npy or .npz of real images", show_default=False)],
    fake: Annotated[list[str], typer.Option(help="a model's pictures: NAME=DIR (repeatable)", show_default=False)],
    protocol: Annotated[str, typer.Option(help="robust or paper")] = "robust",
    size: Annotated[int, typer.Option(help="images are cropped and resized to this side, in pixels")] = 64,
    seed: Seed = 0,
    also: Annotated[
        str,
        typer.Option(
            help="more metrics: similarity,rmse,ms-ssim,perceptual,fid,kid,kid_features,fid_features",
            show_default=False,
        ),
    ] = "",
    features: Annotated[str, typer.Option(help="for fid and kid: classifier, inception or a file")] = "classifier",
    json: Json = False,
    report: Annotated[Path | None, typer.Option(help="write an HTML report", show_default=False)] = None,
) -> None:
    """Rank models by their pictures with NRDS against real images, with reasons."""
    from edgan import api

    fakes = parse_assignments(fake, "--fake NAME=DIR")
    if len(fakes) < len(fake):
        raise UsageError("Two models have one name: give each --fake NAME=DIR a name of its own.")
    with Bar("ranking", quiet=json) as progress:
        ranking = api.rank(
            real,
            fakes,
            protocol=protocol,
            size=size,
            seed=seed,
            also=also,
            features=features,
            progress=progress,
            warn=note,
            report=report,
        )
    if json:
        show.as_json(ranking.to_dict())
    else:
        print_ranking(ranking)


def print_ranking(ranking: Ranking) -> None:
    """Scores, verdict, reasons and other figures with their protocols; warnings go to stderr."""
    from edgan.metrics.ranking import level_pairs, reason, verdict

    order = sorted(ranking.scores, key=lambda name: -ranking.scores[name])
    for name in order:
        low, high = ranking.intervals[name]
        figures = "".join(f"   {figure} {value:.4g}" for figure, value in ranking.figures[name].items())
        show.say(f"  {name:20} {ranking.scores[name]:.4f}   95 % {low:.4f} to {high:.4f}{figures}")
    show.say(verdict(ranking))
    for sentence in level_pairs(ranking):
        show.say(sentence)
    for name in order:
        show.say(f"  {name}: {reason(ranking, name)}")
    for protocol in (ranking.protocol, *ranking.protocols.values()):
        show.say(protocol)
    for warning in ranking.warnings:
        note(warning)
