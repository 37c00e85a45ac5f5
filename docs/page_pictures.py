"""Takes the pictures of pages in README.md and docs/export.md in Chromium: python docs/page_pictures.py [FOLDER].

Both show zoo:faces with a rendered face that it was not trained on. The extras `studio` and `export`, playwright and
the command chromium are needed.
"""

from __future__ import annotations

import shutil
import sys
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

import edgan
from benchmarks.studio import Server

EXPORTED_FACE, EXPORTED_EDITS = "Example 5", {"Eyeglasses": 1.5, "Blond Hair": 1.0}
STUDIO_EDITS = {"Eyeglasses": 2.0}
MOVE = """(slider, value) => {
  slider.value = value;
  for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind, {bubbles: true}));
}"""


def edited(page: Page, edits: Mapping[str, float]) -> None:
    """Move sliders by their labels, and wait for the picture."""
    for label, value in edits.items():
        page.get_by_label(label, exact=True).evaluate(MOVE, value)
        page.wait_for_timeout(300)
        page.wait_for_function("!document.querySelector('.frame.working')")


def exported(browser: Browser, target: Path) -> None:
    """The page of `edgan export zoo:faces faces.html`, opened from its file."""
    page = browser.new_page(viewport={"width": 1100, "height": 860})
    with tempfile.TemporaryDirectory() as folder:
        (made,) = edgan.export("zoo:faces", Path(folder) / "faces.html")
        page.goto(made.path.as_uri())
        page.locator("main.ready").wait_for()
        page.get_by_role("button", name=EXPORTED_FACE).click()
        edited(page, EXPORTED_EDITS)
        page.screenshot(path=target)
    page.close()


def studio(browser: Browser, target: Path) -> None:
    """The Edit panel of `edgan studio`."""
    page = browser.new_page(viewport={"width": 1280, "height": 800})
    with tempfile.TemporaryDirectory() as folder, serving(Path(folder)) as server:
        page.goto(f"{server.url}#/runs/zoo:faces/edit")
        page.locator(".frames button").nth(8).wait_for()
        edited(page, STUDIO_EDITS)
        page.wait_for_timeout(2000)  # the strip is drawn after the picture
        page.screenshot(path=target)
    page.close()


@contextmanager
def serving(runs: Path) -> Iterator[Server]:
    """A studio, ended at the end."""
    server = Server(runs)
    try:
        yield server
    finally:
        server.close()


def main() -> None:
    """Take both."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent / "images"
    folder.mkdir(parents=True, exist_ok=True)
    program = shutil.which("chromium")
    if program is None:
        sys.exit("python docs/page_pictures.py needs the command chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        exported(browser, folder / "exported-page.png")
        studio(browser, folder / "studio-edit.png")


if __name__ == "__main__":
    main()
