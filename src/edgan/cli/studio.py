"""`edgan studio`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from edgan.cli import note
from edgan.cli.options import DEVICES
from edgan.errors import EdganError
from edgan.extras import install_command


def studio(
    runs: Annotated[Path, typer.Argument(help="a run, or the folder that holds your runs")] = Path("."),
    data: Annotated[
        list[Path],
        typer.Option(help="one more folder that trainings and rankings may read (repeatable)", show_default=False),
    ] = [],  # noqa: B006
    host: Annotated[
        str, typer.Option(help="address to listen at; one beyond this machine needs a token")
    ] = "127.0.0.1",
    port: Annotated[int | None, typer.Option(help="port to listen at", show_default="8090, or the next free")] = None,
    device: Annotated[str, typer.Option(help=DEVICES)] = "auto",
    browser: Annotated[bool, typer.Option("--browser/--no-browser", help="open the page")] = True,
) -> None:
    """Edit, translate, invert and sample with your models in the browser, and watch trainings."""
    try:
        from edgan.studio.server.roots import Roots
        from edgan.studio.server.security import Policy
        from edgan.studio.server.serve import bind, serve
        from edgan.studio.server.state import Studio
    except ModuleNotFoundError as error:
        if error.name not in ("fastapi", "starlette", "uvicorn"):
            raise
        raise EdganError(f"The studio needs the package {error.name}: {install_command('studio')}") from error

    roots = Roots(runs, data)
    bound = bind(host, port or 8090, free=port is None)
    serve(Studio(roots, device), bound, Policy.of(host), note, browser)
