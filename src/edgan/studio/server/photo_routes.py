"""Routes of pictures: photos that clients send, and those of a run's data set."""

from __future__ import annotations

import math
from typing import Annotated, Any

from fastapi import APIRouter, Body, Path, Query
from pydantic import BaseModel

from edgan.data.classes import paint
from edgan.data.crops import parse_crop
from edgan.errors import UsageError
from edgan.studio.server.answers import PngResponse, png
from edgan.studio.server.photos import check_upload, read_upload
from edgan.studio.server.pictures import Picture, Split, stored_fields
from edgan.studio.server.state import Run, Shared

router = APIRouter(tags=["pictures"])
Upload = Annotated[bytes, Body(media_type="application/octet-stream", description="an image file, at most 16 MiB")]
MOST_LISTED = 200


class PhotoAnswer(BaseModel):
    """A photo that is held: its id, its sides as held, and (left, top, side) of the square that a run would take."""

    photo: str
    width: int
    height: int
    box: tuple[int, int, int]


class StoredPictures(BaseModel):
    """A part of a split: how many pictures it has, and the names and attributes of those asked for."""

    count: int
    names: list[str]
    attributes: list[dict[str, float]]


@router.post("/photos", status_code=201, response_model=PhotoAnswer)
async def send_photo(
    studio: Shared,
    data: Upload,
    run: Annotated[str | None, Query(description="the run that will read it; decides the square")] = None,
) -> PhotoAnswer:
    """Send a photo: JPEG, PNG, WebP, AVIF, TIFF, BMP or GIF, at most 16 MiB and 24 megapixels."""
    await studio.decode(lambda: check_upload(data))
    photo = studio.photos.add(await studio.decode(lambda: read_upload(data)))
    crop = "square" if run is None else (await studio.read(lambda: studio.runs.get(run))).configuration.crop
    placed = await studio.decode(lambda: photo.crop(parse_crop(crop)))
    left, top, right, _ = placed.of(photo.picture.size)
    width, height = photo.picture.size
    return PhotoAnswer(photo=photo.id, width=width, height=height, box=(left, top, right - left))


@router.get("/photos/{photo}.png", response_class=PngResponse)
async def held_photo(photo: str, studio: Shared) -> PngResponse:
    """A photo as it is held: upright, reduced where it was large."""
    picture = studio.photos.get(photo).picture
    return PngResponse(await studio.read(lambda: png(picture)))


@router.get("/runs/{run}/pictures/{split}")
async def list_pictures(
    run: Run,
    studio: Shared,
    split: Split,
    first: Annotated[int, Query(ge=0)] = 0,
    count: Annotated[int, Query(ge=1, le=MOST_LISTED)] = 60,
) -> StoredPictures:
    """Names and attributes of pictures of the data set that a run was trained on."""

    def read() -> StoredPictures:
        dataset = studio.shelf.dataset(run)
        where = dataset.indices(split)
        chosen = where[first : first + count]
        rows = [] if dataset.attributes is None else dataset.attributes[chosen].tolist()
        named = (zip(dataset.attribute_names, row, strict=True) for row in rows)
        attributes = [{name: value for name, value in row if not math.isnan(value)} for row in named]
        return StoredPictures(count=len(where), names=[dataset.names[i] for i in chosen], attributes=attributes)

    return await studio.read(read)


@router.get("/runs/{run}/pictures/{split}/{index}/{side}.png", response_class=PngResponse)
async def stored_picture(
    run: Run,
    studio: Shared,
    split: Split,
    index: Annotated[int, Path(ge=0)],
    side: Annotated[str, Path(pattern="^(image|source)$")],
) -> PngResponse:
    """A picture of the data set at the model's size: the image, or the source of a pair."""

    def read() -> bytes:
        fields = stored_fields(studio.shelf.dataset(run), split, index)
        if side not in fields:
            raise UsageError("This data set has no pairs, so its pictures have no source.")
        return png(paint(fields[side])[0])

    return PngResponse(await studio.read(read), headers={"cache-control": "max-age=3600"})


@router.post("/runs/{run}/input", response_class=PngResponse)
async def model_input(run: Run, studio: Shared, picture: Annotated[Picture, Body(embed=True)]) -> PngResponse:
    """A picture as the run's model reads it, cropped and resized; a latent as the picture that is drawn from it."""

    def show(loaded: Any) -> bytes:
        read = studio.picture(picture, run, loaded)
        if read.image is not None:
            return png(read.image[0])
        assert read.latent is not None
        return png(loaded.model.decode(read.latent)[0])

    return PngResponse(await studio.draw(run, show))
