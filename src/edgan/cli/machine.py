"""`edgan doctor`."""

from __future__ import annotations

import typer

from edgan.cli import show
from edgan.cli.options import Json


def doctor(json: Json = False) -> None:
    """Check this machine: versions, device, speed, disk and cache."""
    from edgan import api

    findings = api.doctor()
    if json:
        show.as_json({finding.name: {"found": finding.found, "well": finding.well} for finding in findings})
    else:
        for finding in findings:
            print(f"{'ok ' if finding.well else 'NOT'} {finding.name:15} {finding.found}")
    if not all(finding.well for finding in findings):
        raise typer.Exit(1)
