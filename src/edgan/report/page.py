"""The report: a self-contained HTML page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

from jinja2 import Environment, PackageLoader, StrictUndefined

from edgan.errors import EdganError
from edgan.metrics import NRDS
from edgan.paths import expand
from edgan.report.convincing import Convincing
from edgan.report.curves import gradient_panels, loss_panels, points_per_mean, score_panels
from edgan.report.figures import dash_array, series_of
from edgan.report.matrix import SCHEDULED, matrix, term_colours
from edgan.report.pictures import galleries
from edgan.report.ranking import RankingSection, ranking_section
from edgan.report.tables import game_table, health, similarity_table
from edgan.report.view import RunView, duration
from edgan.storage.durable import write_bytes_atomic


def write_report(
    path: str | Path,
    *,
    title: str,
    lead: str,
    runs: Sequence[RunView],
    ranking: NRDS | None = None,
    convincing: Mapping[str, Convincing] | None = None,
    commands: Sequence[tuple[str, str]] = (),
    made_with: Mapping[str, str] | None = None,
) -> None:
    """Write a report as a self-contained HTML file for large and small screens, light and dark mode, and print.

    A section without content is left out.

    Args:
        path: the file, in an existing folder. An existing file is replaced atomically.
        title: of the page.
        lead: a paragraph with what was done and the result.
        runs: what to show, in this order; may be empty for a report on a ranking.
        ranking: the result of `nrds` or `rank`. A model with the name of a run is drawn in that run's colour.
        convincing: pictures of the ranked models, by name.
        commands: (what it does, the exact command), for the reader's own images.
        made_with: versions, seed, time, command: name to value.

    Raises:
        EdganError: the file cannot be written. An existing file is then unchanged.
    """
    path = expand(path)
    if not path.parent.is_dir():
        raise EdganError(
            f"The report {path} cannot be written: there is no folder {path.parent}. Create it, or pass another path."
        )
    page = render(
        title=title,
        lead=lead,
        runs=runs,
        ranking=ranking_section(ranking, runs, convincing) if ranking else None,
        commands=commands,
        made_with=dict(made_with or {}),
    )
    write_bytes_atomic(path, page.encode())


def render(
    *,
    title: str,
    lead: str,
    runs: Sequence[RunView],
    ranking: RankingSection | None,
    commands: Sequence[tuple[str, str]],
    made_with: Mapping[str, str],
) -> str:
    """The page as text. Arguments: as for `write_report`."""
    colours = term_colours(runs)
    gradients, losses = gradient_panels(runs, colours), loss_panels(runs, colours)
    matrices = [matrix(run, colours) for run in runs]
    shown = [
        (run, series_of(index), gallery)
        for index, (run, gallery) in enumerate(zip(runs, galleries(runs), strict=True))
        if gallery
    ]
    return (
        _environment()
        .get_template("report.html")
        .render(
            title=title,
            lead=lead,
            runs=[(run, series_of(i), matrices[i]) for i, run in enumerate(runs)],
            scheduled=any(SCHEDULED in row.cells for table in matrices for row in table.rows),
            galleries=shown,
            most_columns=max((len(gallery.headings) for *_, gallery in shown), default=1),
            tables=[table for table in (similarity_table(runs), game_table(runs)) if table],
            losses=losses,
            scores=score_panels(runs),
            gradients=gradients,
            points_per_mean=points_per_mean(runs),
            health=health(runs),
            ranking=ranking,
            commands=commands,
            made_with=made_with,
        )
    )


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=PackageLoader("edgan.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters.update(duration=duration, dash=dash_array)
    return environment
