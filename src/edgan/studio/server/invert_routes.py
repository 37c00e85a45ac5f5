"""Routes of inversion: the latent of a picture by one of the run's ways, and how good it is."""

from __future__ import annotations

import base64
import time
from typing import Annotated

import torch
from fastapi import APIRouter
from pydantic import BaseModel, Field

from edgan.errors import EdganError, UsageError
from edgan.metrics.pairs.psnr import psnr
from edgan.metrics.pairs.ssim import ssim
from edgan.models.inverting import checked_way, invert_images
from edgan.models.reconstruction import error_map
from edgan.studio.server.answers import png
from edgan.studio.server.edit_routes import EditedPicture
from edgan.studio.server.shelf import LoadedModel
from edgan.studio.server.state import Run, Shared

router = APIRouter(tags=["invert"])


class InvertRequest(EditedPicture):
    """A picture, and the way to its latent."""

    how: Annotated[str | None, Field(description="one of the run's `ways`; the first unless given")] = None
    steps: Annotated[int, Field(ge=1, le=1000, description="of L-BFGS, at most")] = 100


class Inverted(BaseModel):
    """A latent, the picture drawn from it, and how close that comes to the input.

    image, errors: PNG as data URIs. In `errors`, white is a difference of a quarter of the range or more.
    """

    how: str
    latent: list[float]
    psnr: float
    ssim: float
    milliseconds: float
    image: str
    errors: str


@router.post("/runs/{run}/invert")
async def invert(run: Run, studio: Shared, request: InvertRequest) -> Inverted:
    """The latent of a picture; for ways that optimise, this takes seconds."""

    def work(loaded: LoadedModel) -> Inverted:
        model = loaded.model
        how = checked_way(model, request.how)
        image = studio.picture(request.picture, run, loaded).image
        if image is None:
            raise UsageError("A latent is inverted already: give a picture.")
        begun = time.perf_counter()
        found = invert_images(model, image, how, steps=request.steps)
        milliseconds = 1000 * (time.perf_counter() - begun)
        if not bool(torch.isfinite(found.latents).all()):
            raise EdganError(f"The way {how!r} found a latent that is not finite for this picture.")
        made = found.images.detach().float().cpu().clamp(-1, 1)
        return Inverted(
            how=how,
            latent=found.latents[0].tolist(),
            psnr=float(psnr(made, image)),
            ssim=float(ssim(made, image)),
            milliseconds=milliseconds,
            image=_uri(made[0]),
            errors=_uri(error_map(made, image)[0]),
        )

    return await studio.draw(run, work, long=True)


def _uri(picture: torch.Tensor) -> str:
    return "data:image/png;base64," + base64.b64encode(png(picture)).decode()
