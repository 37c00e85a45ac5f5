"""Models trained in seconds, one server for all tests of the session, and a headless Chromium."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import httpx2 as httpx
import pytest
from playwright.sync_api import Browser, BrowserContext, Page
from studio_server import Open, Server

from edgan.api.training import train
from edgan.synthetic import write_folder

TINY = {
    "network.width": 8,
    "network.max_width": 16,
    "discriminator.width": 4,
    "discriminator.max_width": 8,
}
FEATURES = {"discriminator.kind": "paper"}
OPTIONS = {"size": 32, "preset": "small", "device": "cpu", "report": False, "quiet": True}


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with runs of each kind in runs/ and their data in sets/."""
    folder = tmp_path_factory.mktemp("studio")
    faces = write_folder("faces", folder / "sets" / "faces", 48, 32)
    facades = write_folder("facades", folder / "sets" / "facades", 20, 32)
    runs = folder / "runs"
    often = {"evaluate_every": 10, "preview_every": 10, "checkpoint_every": 20}
    chosen = {"attributes": "Eyeglasses,Smiling,Blond_Hair"}
    train(
        "ed-slash-gan", faces, runs / "twin", batch=4, steps=20, set={**TINY, **FEATURES, **often, **chosen}, **OPTIONS
    )
    kinds = folder / "sets" / "kinds"
    for index, image in enumerate(sorted((faces / "images").iterdir())):
        (kinds / ("one", "two", "three")[index % 3]).mkdir(parents=True, exist_ok=True)
        shutil.copy(image, kinds / ("one", "two", "three")[index % 3])
    train("ed-slash-gan", kinds, runs / "classes", batch=4, steps=4, set={**TINY, **FEATURES}, **OPTIONS)
    editor = {"classifier_steps": 30, "network.width": 8, "discriminator.width": 8, **chosen}
    train("cdnet", faces, runs / "editor", batch=8, steps=60, set=editor, **OPTIONS)
    pairs = {"network.width": 8, "network.max_width": 32, "discriminator.width": 4, "ed_first": 40}
    train("pix2pix//", facades, runs / "facades", batch=4, steps=100, set=pairs, **OPTIONS)
    train("dcgan", faces, runs / "gan", batch=8, steps=120, set={"network.width": 16, "latent.size": 16}, **OPTIONS)
    inverse = {"gan": str(runs / "gan")}
    train("connection", faces, runs / "inverse", batch=8, steps=10, set=inverse, **OPTIONS)
    return folder


@pytest.fixture(scope="session")
def server(folder: Path) -> Iterator[Server]:
    """A server for all tests that do not harm it."""
    running = Server(folder / "runs", "--data", folder / "sets")
    yield running
    running.kill()


@pytest.fixture(scope="session")
def client(server: Server) -> Iterator[httpx.Client]:
    """A client of the interface: client.get("/runs")."""
    with httpx.Client(base_url=server.url + "api/v1", timeout=60) as client:
        yield client


@pytest.fixture
def open_page(browser: Browser, server: Server) -> Iterator[Open]:
    """`open_page("runs/editor/edit")`: a page that must log no error and must not leave its origin.

    A test that makes the server refuse calls `open_page.expect_errors()`: the browser logs each refusal as an error.
    """
    contexts: list[BrowserContext] = []
    complaints: list[str] = []
    expected: list[bool] = []

    def open_at(
        address: str = "", width: int = 1280, height: int = 800, scheme: str = "light", url: str = server.url
    ) -> Page:
        context = browser.new_context(viewport={"width": width, "height": height}, color_scheme=scheme)
        contexts.append(context)
        page = context.new_page()
        page.set_default_timeout(20_000)
        page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on(
            "request",
            lambda request: (
                complaints.append(f"left the origin: {request.url}")
                if not request.url.startswith((url, "blob:", "data:"))
                else None
            ),
        )
        page.goto(f"{url}{address if address.startswith('api') else '#/' + address}")
        page.locator("h1").first.wait_for(state="attached")
        return page

    open_at.expect_errors = lambda: expected.append(True)  # type: ignore[attr-defined]
    yield open_at
    for context in contexts:
        context.close()
    assert [text for text in complaints if not expected or "left the origin" in text] == []


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: $EDGAN_ARTEFACTS, else the session's temporary folder."""
    kept = os.environ.get("EDGAN_ARTEFACTS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
