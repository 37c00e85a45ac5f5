"""Routes of rankings: results, a new ranking, and the blind test."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter
from pydantic import BaseModel, ConfigDict, Field

from edgan import api
from edgan.api.ranking_file import save_ranking
from edgan.errors import UsageError
from edgan.models.pixels import from_pixels
from edgan.studio.server.answers import PngResponse, plain, png
from edgan.studio.server.jobs import Progress
from edgan.studio.server.state import Shared

router = APIRouter(tags=["rank"])
NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$"
Name = Annotated[str, Field(pattern=NAME)]


class RankRequest(BaseModel):
    """Models to rank: a name for the ranking, the real pictures, and each model's folder."""

    model_config = ConfigDict(extra="forbid")
    name: Name
    real: str
    fakes: Annotated[dict[Name, str], Field(min_length=1, max_length=12)]
    protocol: Literal["robust", "paper"] = "robust"
    size: Annotated[int, Field(ge=16, le=512)] = 64
    epochs: Annotated[int | None, Field(ge=1, le=1000)] = None


class Judgement(BaseModel):
    """Which picture of a pair looks more real."""

    model_config = ConfigDict(extra="forbid")
    choice: Literal["left", "right"]


class PairAnswer(BaseModel):
    """A pair of pictures of different models, which are not named until it is judged."""

    pair: str
    left: str
    right: str


@router.get("/rankings")
async def rankings(studio: Shared) -> list[dict[str, Any]]:
    """The rankings that were found: id, models with scores, verdict."""

    def read() -> list[dict[str, Any]]:
        every = [studio.rankings.get(ranking_id) for ranking_id in studio.rankings.files()]
        return [{"id": r["id"], "scores": r["scores"], "verdict": r.get("verdict", "")} for r in every]

    return plain(await studio.read(read))


@router.post("/rankings", status_code=202)
async def start_ranking(studio: Shared, request: RankRequest) -> dict[str, Any]:
    """Rank models by their pictures; a job, whose result has the ranking's id, and a note for each file left out."""
    real = studio.roots.resolve(request.real)
    fakes = {name: studio.roots.resolve(path) for name, path in request.fakes.items()}
    path = studio.rankings.folder / f"{request.name}.json"
    if path.exists():
        raise UsageError(f"There is a ranking {request.name!r} already. Choose another name.")

    def work(progress: Progress) -> dict[str, Any]:
        notes: list[str] = []
        ranking = api.rank(
            real,
            fakes,
            protocol=request.protocol,
            size=request.size,
            epochs=request.epochs,
            progress=progress,
            warn=notes.append,
            quiet=True,
        )
        path.parent.mkdir(exist_ok=True)
        save_ranking(ranking, path, fakes)
        return {"ranking": f"{path.parent.name}:{path.stem}", "notes": notes}

    return studio.jobs.start(work).as_dict()


@router.get("/rankings/{ranking}")
async def ranking(ranking: str, studio: Shared) -> dict[str, Any]:
    """A ranking: scores with intervals, curves, reasons, verdict, protocol, and the blind test so far."""
    return plain(await studio.read(lambda: studio.rankings.get(ranking)))


@router.post("/rankings/{ranking}/pairs")
async def draw_pair(ranking: str, studio: Shared) -> PairAnswer:
    """Two pictures of different models in random order, to be judged blind."""
    pair = await studio.read(lambda: studio.rankings.draw_pair(ranking))
    return PairAnswer(
        pair=pair.id, left=f"/api/v1/pairs/{pair.id}/left.png", right=f"/api/v1/pairs/{pair.id}/right.png"
    )


@router.get("/pairs/{pair}/{side}.png", response_class=PngResponse)
async def pair_picture(pair: str, side: Literal["left", "right"], studio: Shared) -> PngResponse:
    """A picture of a pair."""
    loader = studio.rankings.pair(pair).loaders[side == "right"]
    return PngResponse(await studio.read(lambda: png(from_pixels(loader()))))


@router.post("/pairs/{pair}/judgement")
async def judge(pair: str, studio: Shared, judgement: Judgement) -> dict[str, Any]:
    """Say which picture looks more real; the answer names the models, and says whether the scores agree."""
    return await studio.read(lambda: studio.rankings.judge(pair, judgement.choice == "right"))
