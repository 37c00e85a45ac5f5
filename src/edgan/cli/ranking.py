"""The verb `rank`: its options, and a ranking as text."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from edgan.cli import note, show
from edgan.cli.assignments import parse_assignments
from edgan.errors import UsageError

if TYPE_CHECKING:
    from edgan.metrics import Ranking


def rank(
    real: Annotated[Path, typer.Option(help="a folder, .zip, .npy or .npz of real images", show_default=False)],
    fake: Annotated[list[str], typer.Option(help="a model's pictures: NAME=DIR (repeatable)", show_default=False)],
    protocol: Annotated[str, typer.Option(help="robust or paper")] = "robust",
    size: Annotated[int, typer.Option(help="images are cropped and resized to this side, in pixels")] = 64,
    seed: Annotated[int, typer.Option(help="of the random streams")] = 0,
    also: Annotated[str, typer.Option(help="beside it: similarity,fid,kid", show_default=False)] = "",
    features: Annotated[str, typer.Option(help="of fid and kid: classifier, inception or a file")] = "classifier",
    json: Annotated[bool, typer.Option("--json", help="print one JSON object and nothing else")] = False,
    report: Annotated[Path | None, typer.Option(help="write an HTML report", show_default=False)] = None,
) -> None:
    """Rank models by their pictures: NRDS against real images, and why each stands where it stands."""
    from edgan import api

    fakes = parse_assignments(fake, "--fake NAME=DIR")
    if len(fakes) < len(fake):
        raise UsageError("Two models have one name: give each --fake NAME=DIR a name of its own.")
    with show.bar("ranking") as progress:
        found = api.rank(
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
        show.as_json(found.to_dict())
    else:
        tell(found)


def tell(found: Ranking) -> None:
    """Scores, verdict, reasons, and other figures with their protocols; what needs care goes to stderr."""
    from edgan.metrics.ranking import level_pairs, reason, verdict

    order = sorted(found.scores, key=lambda name: -found.scores[name])
    for name in order:
        low, high = found.intervals[name]
        figures = "".join(f"   {figure} {value:.4g}" for figure, value in found.figures[name].items())
        print(f"  {name:20} {found.scores[name]:.4f}   95 % {low:.4f} to {high:.4f}{figures}")
    print(verdict(found))
    for sentence in level_pairs(found):
        print(sentence)
    for name in order:
        print(f"  {name}: {reason(found, name)}")
    for protocol in (found.protocol, *found.protocols.values()):
        print(protocol)
    for warning in found.warnings:
        note(warning)
