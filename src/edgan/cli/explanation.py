"""`edgan explain`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import show
from edgan.cli.assignments import parse_assignments
from edgan.cli.options import ROUTE_FORM, SET_FORM, Json, Method, Preset, Routes, Settings, Size, StartFrom


def explain(
    method: Method,
    route: Routes = [],  # noqa: B006
    set: Settings = [],  # noqa: B006
    preset: Preset = None,
    size: Size = None,
    data: Annotated[Path | None, typer.Option(help="a folder or .zip of images", show_default=False)] = None,
    start_from: StartFrom = None,
    measure: Annotated[
        bool, typer.Option("--measure", help="measure every cell's gradient on a batch of --data")
    ] = False,
    json: Json = False,
) -> None:
    """Show a method's table, phases and plan; with --measure the gradient norm of every cell. Nothing is trained."""
    from edgan import api

    explanation = api.explain(
        method,
        route=parse_assignments(route, ROUTE_FORM),
        set=parse_assignments(set, SET_FORM),
        preset=preset,
        size=size,
        data=data,
        start_from=start_from,
        measure=measure,
    )
    if json:
        show.as_json(explanation.as_dict())
    else:
        print(explanation)
