"""Routes of starting a training: folders, the check of one, methods, a time estimate, the start."""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query
from pydantic import BaseModel, ConfigDict, Field

from edgan import api
from edgan.api.time_estimate import estimate_time
from edgan.data import check_folder
from edgan.data.readers import read_layout
from edgan.data.tree import Tree
from edgan.errors import EdganError
from edgan.methods import find
from edgan.studio.server.answers import plain
from edgan.studio.server.ranking_routes import Name
from edgan.studio.server.state import Shared
from edgan.studio.server.trainings import new_folder, options_of

router = APIRouter(tags=["train"])


class CheckRequest(BaseModel):
    """A folder or .zip to check, below one of the folders that the studio was started with."""

    model_config = ConfigDict(extra="forbid")
    path: str


class TrainingRequest(BaseModel):
    """A training to start or to estimate. What is not given comes from the preset."""

    model_config = ConfigDict(extra="forbid")
    method: str
    data: str
    preset: str | None = None
    size: Annotated[int | None, Field(ge=8, le=1024)] = None
    steps: Annotated[int | None, Field(ge=1, le=10_000_000)] = None
    batch: Annotated[int | None, Field(ge=1, le=4096)] = None
    attributes: Annotated[list[str] | None, Field(max_length=100)] = None
    origin: Annotated[str | None, Field(description="the run that the method starts from, by its id")] = None


class NamedTraining(TrainingRequest):
    """A training to start, with the name of its run."""

    name: Name


@router.get("/folders")
async def folders(studio: Shared, path: Annotated[str, Query(max_length=4096)] = "") -> dict[str, Any]:
    """The folders and .zip files in a folder; without a path, the folders that the studio was started with."""

    def read() -> dict[str, Any]:
        if not path:
            return {"path": "", "parent": None, "folders": [str(root) for root in studio.roots.all]}
        folder = studio.roots.resolve(path)
        parent = "" if folder in studio.roots.all else str(folder.parent)
        inner = [str(entry) for entry in studio.roots.below(folder)] if folder.is_dir() else []
        return {"path": str(folder), "parent": parent, "folders": inner}

    return await studio.read(read)


@router.post("/checks", status_code=202)
async def check(studio: Shared, request: CheckRequest) -> dict[str, Any]:
    """Check a data set as `edgan data check` does; a job, whose result is the report."""
    path = studio.roots.resolve(request.path)
    return studio.jobs.start(lambda progress: plain(check_folder(path, progress=progress).to_dict())).as_dict()


@router.get("/jobs/{job}")
async def job(job: str, studio: Shared) -> dict[str, Any]:
    """How far a job is; its result once it is done."""
    return studio.jobs.get(job).as_dict()


@router.get("/methods")
async def methods(studio: Shared) -> list[dict[str, Any]]:
    """The methods: summary, paper, capabilities, presets with their size and steps, what data they need."""

    def read() -> list[dict[str, Any]]:
        return [_described(method) for method in api.methods()]

    return plain(await studio.read(read))


@router.post("/estimate")
async def estimate(studio: Shared, request: TrainingRequest) -> dict[str, float]:
    """Roughly how long a training takes on this machine, in seconds."""
    path = studio.roots.resolve(request.data)

    def read() -> dict[str, float]:
        found = estimate_time(
            request.method,
            preset=request.preset,
            size=request.size,
            steps=request.steps,
            batch=request.batch,
            set=_settings(studio, request),
        )
        read_layout(Tree(path), None)
        return {"seconds": found.seconds, "steps": found.steps}

    return await studio.read(read)


@router.post("/trainings", status_code=202)
async def start(studio: Shared, request: NamedTraining) -> dict[str, str]:
    """Start `edgan train` on a folder as a process of its own. Its run appears among the runs."""
    data, out = studio.roots.resolve(request.data), new_folder(studio.roots.runs, request.name)
    find(request.method)
    options = options_of(request.model_dump(include={"preset", "size", "steps", "batch"}))
    settings = _settings(studio, request)
    words = [word for name, value in settings.items() for word in ("--set", f"{name}={value}")]
    await studio.read(lambda: studio.trainings.start(request.method, data, out, [*options, *words]))
    return {"run": request.name}


def _described(method: dict[str, Any]) -> dict[str, Any]:
    page = find(method["name"])
    presets = {
        name: preset.training.model_dump(include={"size", "steps", "batch"}) for name, preset in page.presets.items()
    }
    more = {"presets": presets, "default_preset": page.default_preset, "needs": list(page.needs)}
    return {**method, **more, "origin": page.origin}


def _settings(studio: Shared, request: TrainingRequest) -> dict[str, Any]:
    """The dotted settings of a training."""
    settings: dict[str, Any] = {}
    if request.attributes is not None:
        settings["attributes"] = ",".join(request.attributes)
    origin = find(request.method).origin
    if origin is not None:
        if request.origin is None:
            raise EdganError(f"{request.method} starts from another run. Choose that run.")
        settings[origin] = str(studio.runs.get(request.origin).path)
    return settings
