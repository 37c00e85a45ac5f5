"""Routes of runs: cards, one run with its table, its log as it grows, previews, stop and resume."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Path, Query
from fastapi.responses import FileResponse
from pydantic import BaseModel

from edgan.errors import EdganError
from edgan.methods import find
from edgan.models.inverting import ways_of_method
from edgan.storage.run_folder import RunFolder
from edgan.storage.run_log import lines_after
from edgan.studio.server.answers import plain
from edgan.studio.server.run_list import card, preview_file
from edgan.studio.server.state import Run, Shared

router = APIRouter(tags=["runs"])


class Runs(BaseModel):
    """Every run that was found, and the trainings that have no run yet."""

    folder: str
    runs: list[dict[str, Any]]
    starting: list[dict[str, Any]]


class Log(BaseModel):
    """Lines of a run's log, and the offset to ask from the next time."""

    lines: list[dict[str, Any]]
    next: int


@router.get("/runs")
async def runs(studio: Shared) -> Runs:
    """The runs as cards: method, data, size, state, previews, held-out figures, capabilities."""
    cards = await studio.read(studio.runs.cards)
    return Runs(folder=str(studio.roots.runs), runs=plain(cards), starting=studio.trainings.starting())


@router.get("/runs/{run}")
async def run_details(run: Run, studio: Shared) -> dict[str, Any]:
    """A run's card with its routing table, the method's summary and paper, and the ways to invert it."""
    page = find(run.method.name)
    details = await studio.read(lambda: card(run))
    return plain(
        details
        | {
            "summary": page.summary,
            "paper": page.paper,
            "table": run.method.plan.table.as_dict(),
            "ways": list(ways_of_method(run.method)),
            "data_path": str(run.contents["data"]["path"]),
            "trouble": studio.trainings.last_words(run.path),
        }
    )


@router.get("/runs/{run}/log")
async def log(
    run: Run,
    studio: Shared,
    after: Annotated[int, Query(ge=0, description="bytes of the log that are known: the `next` of an answer")] = 0,
) -> Log:
    """The log's lines: losses, held-out figures, gradient norms of the table's cells, health in sentences."""
    lines, following = await studio.read(lambda: lines_after(RunFolder(run.path).log, after))
    return Log(lines=lines, next=following)


@router.get("/runs/{run}/previews/{step}.png", response_class=FileResponse)
async def preview(run: Run, step: Annotated[int, Path(ge=0)]) -> FileResponse:
    """The sheet of held-out pictures that the training drew at a step."""
    path = preview_file(run, step)
    if not path.is_file():
        raise EdganError(f"This run has no preview of step {step}.")
    return FileResponse(path, media_type="image/png", headers={"cache-control": "max-age=3600"})


@router.post("/runs/{run}/stop", status_code=202)
async def stop(run: Run, studio: Shared) -> dict[str, str]:
    """Ask the training of a run to save and end."""
    await studio.read(lambda: studio.trainings.stop(run.path))
    return {"state": "stopping"}


@router.post("/runs/{run}/resume", status_code=202)
async def resume(run: Run, studio: Shared) -> dict[str, str]:
    """Continue a stopped training on its own data."""
    await studio.read(lambda: studio.trainings.resume(run))
    return {"state": "starting"}
