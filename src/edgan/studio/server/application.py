"""The application: the page's files, the interface under /api/v1, and the guard around both."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from importlib import resources
from pathlib import Path

from fastapi import APIRouter, FastAPI
from starlette.responses import FileResponse, JSONResponse
from starlette.types import ASGIApp

from edgan._version import __version__
from edgan.errors import EdganError
from edgan.studio.server import (
    edit_routes,
    invert_routes,
    photo_routes,
    ranking_routes,
    run_routes,
    sample_routes,
    training_routes,
    translate_routes,
)
from edgan.studio.server.answers import answer_errors
from edgan.studio.server.security import Guard, Policy
from edgan.studio.server.state import Studio

API = "/api/v1"
PAGE = Path(str(resources.files("edgan.studio"))) / "page"
KINDS = {
    ".html": "text/html; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".svg": "image/svg+xml",
}
ROUTES = (
    run_routes,
    photo_routes,
    edit_routes,
    translate_routes,
    sample_routes,
    invert_routes,
    training_routes,
    ranking_routes,
)
ABOUT = (
    "Trained models over HTTP: edit, translate, sample, invert, and what a run's training wrote. Bodies and answers "
    "are JSON, or PNG where an answer is a picture. An error is a JSON object with one member, error: a sentence."
)


def create_app(studio: Studio, policy: Policy) -> ASGIApp:
    """The application, guarded.

    Args:
        studio: its state.
        policy: who may speak to it.
    """

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        yield
        studio.close()

    app = FastAPI(
        title="edgan studio",
        version=__version__,
        description=ABOUT,
        openapi_url=f"{API}/openapi.json",
        docs_url=None,  # FastAPI's own page loads its script from another host
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.studio = studio
    answer_errors(app)
    router = APIRouter(prefix=API)
    for routes in ROUTES:
        router.include_router(routes.router)
    app.include_router(router)
    _add_page(app)
    return Guard(app, policy)


def _add_page(app: FastAPI) -> None:
    @app.get("/", include_in_schema=False)
    async def index() -> FileResponse:
        return _file("index.html")

    @app.get(f"{API}/docs", include_in_schema=False)
    async def interface() -> FileResponse:
        return _file("interface.html")

    @app.get(f"{API}/alive", include_in_schema=False)
    async def alive() -> JSONResponse:
        return JSONResponse({"edgan": __version__})

    @app.get("/page/{name}", include_in_schema=False)
    async def page(name: str) -> FileResponse:
        return _file(name)


def _file(name: str) -> FileResponse:
    """A file of the page; only names that lie in its folder are known."""
    path = next((path for path in PAGE.iterdir() if path.name == name and path.suffix in KINDS), None)
    if path is None:
        raise EdganError("The page has no such file.")
    return FileResponse(path, media_type=KINDS[path.suffix], headers={"cache-control": "no-cache"})
