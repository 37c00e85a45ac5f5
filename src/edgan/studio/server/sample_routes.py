"""Routes of sampling: pictures by seed, walks between two, and the nearest training picture."""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Response
from pydantic import BaseModel

from edgan.data import from_uint8
from edgan.errors import UsageError
from edgan.models.animation import animation
from edgan.models.nearest import nearest_training_image
from edgan.models.pixels import to_uint8
from edgan.models.seeded_samples import sample_seeds, walk_between
from edgan.studio.server.answers import PngResponse, side_by_side
from edgan.studio.server.pictures import Seed
from edgan.studio.server.shelf import LoadedModel
from edgan.studio.server.state import Run, Shared, Stream

router = APIRouter(tags=["sample"])
MOST = 64
Truncation = Annotated[float, Query(ge=0, le=2, description="factor on the latent's distance from the prior's mean")]


class Nearest(BaseModel):
    """The nearest training picture: its position in the split train, its distance, and how many were compared.

    distance: root of the mean squared difference of pixels, in grey values of 255.
    """

    index: int
    distance: float
    compared: int


@router.get("/runs/{run}/samples", response_class=PngResponse)
async def samples(
    run: Run,
    studio: Shared,
    seeds: Annotated[str, Query(max_length=1000, description="such as 0,1,2,3: a sample for each")],
    truncation: Truncation = 1.0,
    stream: Stream = None,
) -> PngResponse:
    """New pictures, one for each seed, in one row without gaps."""
    numbers = [int(word) for word in seeds.split(",") if word.isascii() and word.isdecimal() and len(word) < 10]
    if len(numbers) != len(seeds.split(",")) or len(numbers) > MOST:
        raise UsageError(f"seeds must be 1 to {MOST} whole numbers with commas between (got {seeds[:60]!r}).")
    draw = await studio.draw(run, lambda loaded: side_by_side(sample_seeds(loaded.model, numbers, truncation)), stream)
    return PngResponse(draw)


@router.get("/runs/{run}/samples/walk", response_class=PngResponse)
async def walk(
    run: Run,
    studio: Shared,
    first: Seed,
    last: Seed,
    steps: Annotated[int, Query(ge=2, le=MOST)] = 9,
    truncation: Truncation = 1.0,
    form: Literal["frames", "gif"] = "frames",
) -> Response:
    """Pictures on the path from one seed's sample to another's: in one row without gaps, or as an animation."""

    def draw(loaded: LoadedModel) -> bytes:
        pictures = walk_between(loaded.model, first, last, steps, truncation)
        return animation(pictures) if form == "gif" else side_by_side(pictures)

    media_type = "image/gif" if form == "gif" else "image/png"
    return Response(await studio.draw(run, draw), media_type=media_type)


@router.get("/runs/{run}/samples/{seed}/nearest")
async def nearest(run: Run, studio: Shared, seed: Seed, truncation: Truncation = 1.0) -> Nearest:
    """The training picture that is nearest to a sample: a copy would be close to it."""
    made = await studio.draw(run, lambda loaded: to_uint8(sample_seeds(loaded.model, [seed], truncation)))
    index, distance, compared = await studio.read(
        lambda: nearest_training_image(studio.shelf.dataset(run), from_uint8(made))
    )
    return Nearest(index=index, distance=distance, compared=compared)
