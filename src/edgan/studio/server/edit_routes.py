"""Routes of editing: the controls of a picture, the picture after changes, a sweep of one attribute."""

from __future__ import annotations

from typing import Annotated, Literal

import torch
from fastapi import APIRouter, Response
from pydantic import BaseModel, ConfigDict, Field

from edgan.api.editing import MAX_PICTURES
from edgan.models.animation import animation
from edgan.models.edit_session import EditSession
from edgan.models.sheet import strip
from edgan.studio.server.answers import PngResponse, png, side_by_side
from edgan.studio.server.pictures import Picture
from edgan.studio.server.shelf import LoadedModel
from edgan.studio.server.state import Run, Shared, Stream, Studio

router = APIRouter(tags=["edit"])
What = Literal["output", "base", "residual"]
Intensity = Annotated[float, Field(allow_inf_nan=False, ge=-1e6, le=1e6)]


class EditedPicture(BaseModel):
    """A picture to edit."""

    model_config = ConfigDict(extra="forbid")
    picture: Picture


class EditRequest(EditedPicture):
    """Changes of a picture."""

    changes: Annotated[dict[str, Intensity], Field(max_length=256, description='such as {"Smiling": 2.5}')] = {}
    what: What = "output"


class SweepRequest(EditRequest):
    """Pictures at equally spaced intensities of one attribute, while the other changes stay."""

    attribute: str
    low: Intensity
    high: Intensity
    count: Annotated[int, Field(ge=2, le=MAX_PICTURES)] = 8
    form: Literal["frames", "strip", "gif"] = "strip"


class Control(BaseModel):
    """An attribute: the range that its method states, and the value that the model reads from the picture."""

    name: str
    low: float
    high: float
    encoded: float | None


class Controls(BaseModel):
    """What can be edited in a picture.

    kind: "multilabel": each attribute has an intensity of its own. "multiclass": one class holds.
    needs_all: whether every attribute must be given, since the model cannot read them from a picture.
    exclusive: groups of names of which at most one holds in a picture.
    has_residual: whether base and residual differ from the output.
    """

    kind: Literal["multilabel", "multiclass"]
    needs_all: bool
    has_residual: bool
    controls: list[Control]
    exclusive: list[list[str]]


def session_of(studio: Studio, run: Run, loaded: LoadedModel, picture: Picture) -> EditSession:
    """The picture under edit, encoded when it is first asked for."""

    def begin() -> EditSession:
        read = studio.picture(picture, run, loaded)
        return EditSession(loaded.model, read.image, latent=read.latent, attributes=read.attributes)

    return loaded.sessions.get(picture.model_dump_json(), begin)


@router.post("/runs/{run}/edit/controls")
async def controls(run: Run, studio: Shared, request: EditedPicture) -> Controls:
    """The attributes that can be edited in a picture, with their ranges and the values that the model reads."""

    def read(loaded: LoadedModel) -> Controls:
        session = session_of(studio, run, loaded, request.picture)
        stated, encoded = loaded.model.controls, session.encoded()
        assert stated is not None
        units = {name: stated.units.get(name, 1.0) for name in stated.names}
        return Controls(
            kind=stated.kind,
            needs_all=session.needs_all,
            has_residual="residual" in loaded.model.method.plan.tap,
            exclusive=[list(group) for group in stated.exclusive],
            controls=[
                Control(name=name, low=stated.low * unit, high=stated.high * unit, encoded=encoded.get(name))
                for name, unit in units.items()
            ],
        )

    return await studio.draw(run, read)


@router.post("/runs/{run}/edit", response_class=PngResponse)
async def edit(run: Run, studio: Shared, request: EditRequest, stream: Stream = None) -> PngResponse:
    """A picture with its attributes changed, at the model's size; without changes, its reconstruction."""

    def draw(loaded: LoadedModel) -> bytes:
        session = session_of(studio, run, loaded, request.picture)
        return png(getattr(session.draw(request.changes), request.what)[0])

    return PngResponse(await studio.draw(run, draw, stream))


@router.post("/runs/{run}/edit/sweep", response_class=PngResponse)
async def sweep(run: Run, studio: Shared, request: SweepRequest, stream: Stream = None) -> Response:
    """A sweep of one attribute.

    form: "frames": the pictures in one row without gaps, as PNG. "strip": the same with labels. "gif": an animation.
    """
    step = (request.high - request.low) / (request.count - 1)
    values = [request.low + step * number for number in range(request.count)]

    def draw(loaded: LoadedModel) -> bytes:
        session = session_of(studio, run, loaded, request.picture)
        drawn = [session.draw({**request.changes, request.attribute: value}) for value in values]
        pictures = torch.cat([getattr(made, request.what) for made in drawn])
        if request.form == "gif":
            return animation(pictures)
        if request.form == "frames":
            return side_by_side(pictures)
        return png(strip(pictures, [f"{value:.3g}" for value in values], request.attribute))

    media_type = "image/gif" if request.form == "gif" else "image/png"
    return Response(await studio.draw(run, draw, stream), media_type=media_type)
