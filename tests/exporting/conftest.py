"""Pages of small models, and a headless Chromium without a network that opens them from their files."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from exported_page import PAGES, OpenPage
from playwright.sync_api import Browser, Page

import edgan
from edgan.synthetic import write_folder

TINY = {"discriminator.kind": "paper", "discriminator.width": 4, "discriminator.max_width": 8, "network.width": 8}
DESKTOP = {"width": 1280, "height": 844}
OPTIONS = {"size": 32, "preset": "small", "batch": 4, "device": "cpu", "report": False, "quiet": True}


@pytest.fixture(scope="session")
def faces(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Rendered faces with attributes."""
    return write_folder("faces", tmp_path_factory.mktemp("sets") / "faces", 24, 32)


@pytest.fixture(scope="session")
def runs(faces: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Runs that were trained for a few steps: a GAN in gan/, and an encoder-decoder with a prior in vae/."""
    folder = tmp_path_factory.mktemp("runs")
    edgan.train("dcgan", faces, folder / "gan", steps=4, set={"network.width": 8, "latent.size": 12}, **OPTIONS)
    edgan.train("ed-slash-gan", faces, folder / "vae", steps=4, set={**TINY, "latent.prior": "vae"}, **OPTIONS)
    return folder


@pytest.fixture(scope="session")
def pages(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The pages editor.html, translator.html, sampler.html and twin.html, in one folder."""
    folder = tmp_path_factory.mktemp("pages")
    edgan.export("zoo:faces", folder / "editor.html")
    edgan.export("zoo:facades", folder / "translator.html")
    edgan.export(runs / "gan", folder / "sampler.html")
    edgan.export(runs / "vae", folder / "twin.html")
    return folder


@pytest.fixture(scope="session")
def opened(browser: Browser, pages: Path) -> Iterator[dict[str, tuple[Page, list[str]]]]:
    """Pages by name, each opened once without a network, with what they complained of."""
    context = browser.new_context(viewport=DESKTOP, offline=True)
    known: dict[str, tuple[Page, list[str]]] = {}
    for name in PAGES:
        page, complaints = context.new_page(), []
        page.set_default_timeout(60_000)
        page.on("console", lambda message, to=complaints: to.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error, to=complaints: to.append(str(error)))
        address = (pages / f"{name}.html").as_uri()
        own = (address, "blob:", "data:")
        page.on("request", lambda asked, to=complaints, own=own: own_only(asked.url, own, to))
        page.goto(address)
        page.locator("main.ready").wait_for()
        known[name] = (page, complaints)
    yield known
    context.close()


def own_only(url: str, own: tuple[str, ...], complaints: list[str]) -> None:
    """Complain of a request for anything but the page itself."""
    if not url.startswith(own):
        complaints.append(f"asked for {url}")


@pytest.fixture
def open_page(opened: dict[str, tuple[Page, list[str]]]) -> Iterator[OpenPage]:
    """`open_page("editor")`: a page as it was left, with a desktop's size; a test may make it log no error."""

    def shown(name: str) -> Page:
        page, _ = opened[name]
        page.bring_to_front()
        page.set_viewport_size(DESKTOP)
        return page

    yield shown
    assert [text for _, complaints in opened.values() for text in complaints] == []


@pytest.fixture(scope="session")
def artefacts(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where screenshots go: $EDGAN_ARTEFACTS, else the session's temporary folder."""
    kept = os.environ.get("EDGAN_ARTEFACTS")
    folder = Path(kept) if kept else tmp_path_factory.mktemp("screenshots")
    folder.mkdir(parents=True, exist_ok=True)
    return folder
