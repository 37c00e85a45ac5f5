"""A real browser draws the report: nothing is blank, nothing sticks out at the side."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from report_views import whole

from edgan.report import write_report

NAMES = ("chromium", "chromium-browser", "google-chrome")
# A page that shows the report in a frame of a given width and writes down how wide its contents would like to be. An
# element that scrolls by itself does not count.
WRAPPER = """<!DOCTYPE html><body style="margin:0"><iframe id="report" src="report.html"
style="border:0;width:{width}px;height:800px"></iframe><script>
onload = () => {{
  const page = document.getElementById("report").contentDocument, root = page.documentElement;
  const images = [...page.images];
  const measured = {{client: root.clientWidth, scroll: root.scrollWidth, text: page.body.innerText.length,
    images: images.length, drawn: images.filter(i => i.naturalWidth > 0).length,
    plots: [...page.querySelectorAll("svg.plot")].filter(s => s.getBoundingClientRect().height > 50).length,
    smallest: Math.min(...[...page.querySelectorAll("p, td, th, li, dt, dd, pre, summary")]
      .map(e => parseFloat(page.defaultView.getComputedStyle(e).fontSize)))}};
  const out = document.createElement("pre"); out.id = "measured"; out.textContent = JSON.stringify(measured);
  document.body.append(out);
}};
</script></body>"""

Browser = Callable[..., str]


@pytest.fixture
def browser(tmp_path: Path) -> Browser:
    """Run headless Chromium with its own profile: `browser(file, *options)` gives its standard output."""
    program = next(filter(None, map(shutil.which, NAMES)), None)
    if program is None:
        pytest.skip(f"needs a browser: none of {', '.join(NAMES)} is installed")

    def run(file: Path, *options: str) -> str:
        command = [
            program,
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--hide-scrollbars",
            "--allow-file-access-from-files",
            "--virtual-time-budget=5000",
            f"--user-data-dir={tmp_path / 'profile'}",
            *options,
            file.as_uri(),
        ]
        return subprocess.run(command, check=True, capture_output=True, text=True, timeout=120).stdout

    return run


@pytest.fixture
def report(tmp_path: Path) -> Path:
    path = tmp_path / "report.html"
    write_report(path, **whole())
    return path


@pytest.mark.parametrize("width", [1280, 390])
def test_nothing_overflows_and_everything_is_drawn(report: Path, browser: Browser, width: int) -> None:
    wrapper = report.with_name("wrapper.html")
    wrapper.write_text(WRAPPER.format(width=width))
    dom = browser(wrapper, "--dump-dom", f"--window-size={width},900")
    match = re.search(r'<pre id="measured">(.*?)</pre>', dom)
    assert match, dom[-500:]
    measured = json.loads(match.group(1))
    assert measured["client"] == width
    assert measured["scroll"] <= width
    assert measured["text"] > 1000
    assert measured["drawn"] == measured["images"] == 18
    assert measured["plots"] == 5
    assert measured["smallest"] >= 12


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_the_page_follows_the_colour_scheme(report: Path, browser: Browser, scheme: str) -> None:
    picture = report.with_name(f"{scheme}.png")
    browser(
        report,
        f"--screenshot={picture}",
        "--window-size=1280,1600",
        f"--blink-settings=preferredColorScheme={int(scheme == 'light')}",
    )
    pixels = np.asarray(Image.open(picture).convert("L")).astype(float)
    assert pixels.std() > 10
    paper = float(np.median(pixels))
    assert paper > 240 if scheme == "light" else paper < 40
