"""Every panel, light and dark, on a laptop and on a phone: accessible, nothing sticks out, a screenshot of each."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page
from studio_server import Open, Server, wait_until

from edgan.api.ranking_file import save_ranking

SIZES = {"1280x800": (1280, 800), "390x844": (390, 844)}
CHECKED = {("light", "1280x800"), ("dark", "390x844")}
"""Where axe looks: each scheme and each size once, since a look takes a second."""
PANELS = {
    "home": ("", ".card"),
    "new-training": ("train", ".folders li"),
    "training": ("runs/twin/training", ".previews img"),
    "table": ("runs/twin/table", ".matrix"),
    "edit": ("runs/twin/edit", ".frames button"),
    "translate": ("runs/facades/translate", ".swatch"),
    "sample": ("runs/inverse/sample", ".samples button"),
    "invert": ("runs/inverse/invert", ".inversions dd"),
    "rank": ("rank", ".scores"),
    "interface": ("api/v1/docs", ".operation"),
}
RULES = {
    "resultTypes": ["violations"],
    "runOnly": {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21aa", "best-practice"]},
}


class _Ranking:
    def to_dict(self) -> dict[str, object]:
        curves = {"twin": [0.5, 0.42, 0.3], "base alone": [0.4, 0.2, 0.05]}
        return {
            "scores": {"twin": 0.71, "base alone": 0.29},
            "intervals": {"twin": [0.66, 0.76], "base alone": [0.24, 0.34]},
            "curves": curves,
            "real_curve": [0.55, 0.6, 0.7],
            "verdict": "twin is ahead of base alone.",
            "reasons": dict.fromkeys(curves, "The discriminator rejects its pictures after epoch 2 of 3."),
            "protocol": "robust protocol",
            "warnings": [],
        }


@pytest.fixture(scope="module")
def ranked(folder: Path) -> None:
    """A ranking with pictures beside the runs."""
    faces = folder / "sets" / "faces" / "images"
    pictures = {name: folder / "runs" / "pictures" / name for name in ("twin", "base alone")}
    for place in pictures.values():
        place.mkdir(parents=True)
        shutil.copy(faces / "000000.png", place)
    save_ranking(_Ranking(), folder / "runs" / "ranking.json", pictures)  # type: ignore[arg-type]


@pytest.mark.usefixtures("ranked")
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_panel_is_accessible_and_fits(
    open_page: Open, server: Server, artefacts: Path, scheme: str, size: str
) -> None:
    width, height = SIZES[size]
    page = open_page("", width, height, scheme)
    found: dict[str, object] = {}
    for name, (address, ready) in PANELS.items():
        show(page, server.url, address, ready)
        page.screenshot(path=artefacts / f"{name}-{scheme}-{size}.png", full_page=width < 400)
        if page.evaluate("document.documentElement.scrollWidth") > width:
            found[f"{name} sticks out"] = page.evaluate("document.documentElement.scrollWidth")
        if (scheme, size) not in CHECKED:
            continue
        violations = Axe().run(page, options=RULES).response["violations"]
        found |= {f"{name} {one['id']}": [node["html"][:120] for node in one["nodes"]][:3] for one in violations}
    assert found == {}, json.dumps(found, indent=1)


def show(page: Page, url: str, address: str, ready: str) -> None:
    page.goto(url + (address if address.startswith("api") else f"#/{address}"))
    page.locator(ready).first.wait_for()
    wait_until(page, "!document.querySelector('.busy, .working, .waiting, .stale')")
    wait_until(page, "[...document.images].every((i) => i.complete)")


def test_dialogs_are_accessible(open_page: Open) -> None:
    page = open_page("runs/editor/edit")
    page.locator(".frames button").first.wait_for()
    page.get_by_role("button", name="From the data set").click()
    page.locator("dialog .grid button").first.wait_for()
    violations = Axe().run(page, options=RULES).response["violations"]
    assert [(one["id"], one["nodes"][0]["html"][:120]) for one in violations] == []
