"""Answers: pictures as PNG, and errors as one sentence each."""

from __future__ import annotations

import io
import logging
import math
from typing import Any

import torch
from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse, Response
from PIL import Image
from starlette.exceptions import HTTPException
from torch import Tensor

from edgan.errors import EdganError, UsageError
from edgan.models.pixels import to_image
from edgan.studio.server.jobs import UnknownJobError
from edgan.studio.server.lanes import BusyError, SupersededError
from edgan.studio.server.photos import UnknownPhotoError
from edgan.studio.server.rankings import UnknownRankingError
from edgan.studio.server.run_list import UnknownRunError

log = logging.getLogger("edgan.studio")


class TimeLimitError(EdganError):
    """A file took too long to decode."""


class PngResponse(Response):
    """A PNG, so that the interface's page says what comes back."""

    media_type = "image/png"


def png(picture: Tensor | Image.Image) -> bytes:
    """A picture (C, H, W) in [-1, 1], or a Pillow image, as a PNG's bytes, quickly rather than small."""
    buffer = io.BytesIO()
    image = to_image(picture) if isinstance(picture, Tensor) else picture
    image.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def side_by_side(pictures: Tensor) -> bytes:
    """Pictures (K, C, H, W) in one row without gaps, as a PNG's bytes: K squares to be cut apart by the client."""
    return png(torch.cat(list(pictures), dim=2))


def plain(value: Any) -> Any:
    """A value as JSON holds it: numbers that are not finite become null."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [plain(inner) for inner in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def answer_errors(app: FastAPI) -> None:
    """Turn every exception into {"error": "a sentence."} with its status."""

    async def of_edgan(_: Request, error: Exception) -> Response:
        unknown = isinstance(error, UnknownRunError | UnknownPhotoError | UnknownJobError | UnknownRankingError)
        return refusal(404 if unknown else 400 if isinstance(error, UsageError) else 422, str(error))

    async def of_validation(_: Request, error: Exception) -> Response:
        assert isinstance(error, RequestValidationError)
        first = error.errors()[0]
        where = ".".join(str(place) for place in first["loc"] if place not in ("body", "query", "path"))
        what = str(first["msg"]).removeprefix("Value error, ")
        return refusal(422, f"{where}: {what}." if where else f"{what}.")

    async def of_http(_: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        texts = {404: "There is nothing at this address.", 405: "This address does not take such a request."}
        return refusal(error.status_code, texts.get(error.status_code, str(error.detail)))

    async def of_queue(_: Request, error: Exception) -> Response:
        if isinstance(error, BusyError):
            return refusal(
                429, "The studio is busy: too many requests wait. Try again in a moment.", {"retry-after": "1"}
            )
        return refusal(409, "A newer request of the same stream replaced this one.")

    async def of_defect(_: Request, error: Exception) -> Response:
        log.error("a request failed", exc_info=error)
        return refusal(500, f"{type(error).__name__}: {error}. This is a defect of edgan; its terminal shows where.")

    app.add_exception_handler(EdganError, of_edgan)
    app.add_exception_handler(RequestValidationError, of_validation)
    app.add_exception_handler(HTTPException, of_http)
    app.add_exception_handler(BusyError, of_queue)
    app.add_exception_handler(SupersededError, of_queue)
    app.add_exception_handler(Exception, of_defect)


def refusal(status: int, sentence: str, headers: dict[str, str] | None = None) -> Response:
    """An error's answer."""
    return JSONResponse({"error": sentence}, status, headers)
