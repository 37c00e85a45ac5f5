"""Routes of translation: what can be drawn, and the translation of a drawn source."""

from __future__ import annotations

from typing import Annotated, Any, Literal

import torch
from fastapi import APIRouter, Query
from pydantic import BaseModel

from edgan.data import from_uint8
from edgan.errors import UsageError
from edgan.models.latents import draw_styles
from edgan.models.model import Model
from edgan.models.source_palette import source_palette, source_pixels
from edgan.studio.server.answers import PngResponse, png
from edgan.studio.server.photo_routes import Upload
from edgan.studio.server.photos import check_upload
from edgan.studio.server.pictures import Picture, Seed
from edgan.studio.server.shelf import LoadedModel
from edgan.studio.server.state import Run, Shared, Stream

router = APIRouter(tags=["translate"])


class Translator(BaseModel):
    """What a translator reads and can vary.

    size: side of its pictures. colours: to draw a source with: name, colour (red, green, blue) and share of the pixels.
    variants: whether a seed varies the picture. styles: whether it takes the style of a picture. has_residual: whether
    the strength of the residual can be set.
    """

    size: int
    colours: list[dict[str, Any]]
    variants: bool
    styles: bool
    has_residual: bool


@router.get("/runs/{run}/translate")
async def translator(run: Run, studio: Shared) -> Translator:
    """The palette of the run's data set, and what can be varied."""

    def read(loaded: LoadedModel) -> Translator:
        model = loaded.model
        model.check_can("translate")
        return Translator(
            size=model.size,
            colours=[vars(colour) for colour in source_palette(studio.shelf.dataset(run))],
            variants=model.draws_noise,
            styles=model.has_style,
            has_residual="residual" in model.method.plan.tap,
        )

    return await studio.draw(run, read)


@router.post("/runs/{run}/translate", response_class=PngResponse)
async def translate(
    run: Run,
    studio: Shared,
    source: Upload,
    seed: Annotated[Seed, Query(description="of the noise: another seed is another variant")] = 0,
    strength: Annotated[float, Query(ge=0, le=3, description="factor on the residual")] = 1.0,
    what: Annotated[Literal["output", "base", "residual"], Query()] = "output",
    style: Annotated[str | None, Query(description='a photo\'s id, "split/index", or "random"')] = None,
    stream: Stream = None,
) -> PngResponse:
    """The translation of a source picture, which is the request's body, at the model's size."""
    await studio.decode(lambda: check_upload(source))

    def draw(loaded: LoadedModel) -> bytes:
        model = loaded.model
        model.check_can("translate")
        shape = model.shape
        values = source_pixels(source, model.size, shape.source_channels, shape.source_classes, model.crop)
        tensor = from_uint8(torch.from_numpy(values.copy())[None])
        latent = None if style is None else _style(style, model, seed)
        if latent is None and style is not None:
            image = studio.picture(_named(style), run, loaded).image
            assert image is not None
            latent = model.encode(image)
        made = model.translate(tensor, seed, latent).with_strength(strength)
        return png(getattr(made, what)[0])

    return PngResponse(await studio.draw(run, draw, stream))


def _style(style: str, model: Model, seed: int) -> torch.Tensor | None:
    """A drawn style; None where the style is a picture's."""
    if not model.has_style:
        raise UsageError(f"{model.method.name} takes no style from a picture.")
    assert model.method.latent is not None
    return draw_styles(model.method.latent, [0], seed) if style == "random" else None


def _named(style: str) -> Picture:
    """The picture that a style names: "val/3" or a photo's id."""
    split, slash, index = style.partition("/")
    return Picture.model_validate({"split": split, "index": index} if slash else {"photo": style})
