"""How fast an exported page is.

    python -m benchmarks.export [RUN] [--out FILE]

Exports RUN (zoo:faces unless given) as a page and opens it from its file in a headless Chromium without a network.
Load: from the navigation to the first picture. Slider to picture: a slider is dragged for 10 seconds, and the page
itself measures from the slider's event to the frame after its picture was drawn. The figures go to
results/bench-export.json.
"""

from __future__ import annotations

import argparse
import os
import shutil
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import torch
from playwright.sync_api import sync_playwright

import edgan
from benchmarks.slider import drag_first_slider
from edgan.errors import EdganError
from edgan.storage.durable import write_json_atomic

RESULTS = Path(__file__).parents[1] / "results" / "bench-export.json"
SECONDS = 10.0
LOAD = os.getloadavg()[0]
"""Processes that computed in the minute before: above 0 the machine was not idle."""


def measured(path: Path) -> dict[str, Any]:
    """Load and slider to picture of an editor's page."""
    program = shutil.which("chromium")
    if program is None:
        raise EdganError("This benchmark needs the command chromium.")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_context(viewport={"width": 1280, "height": 800}, offline=True).new_page()
        begun = time.monotonic()
        page.goto(path.as_uri())
        page.locator("main.ready .work:not(.empty-stage)").wait_for()
        loaded = time.monotonic() - begun
        page.wait_for_timeout(500)
        drag_first_slider(page, 1.0)
        page.evaluate("performance.clearMeasures()")
        moves = drag_first_slider(page, SECONDS)
        page.wait_for_timeout(1000)
        times = sorted(
            page.evaluate("performance.getEntriesByName('slider to picture').map((entry) => entry.duration)")
        )
        browser.close()
    return {
        "load_s": loaded,
        "slider_to_picture": {
            "median_ms": statistics.median(times),
            "p95_ms": times[int(0.95 * (len(times) - 1))],
            "largest_ms": times[-1],
            "pictures": len(times),
            "moves": moves,
            "seconds": SECONDS,
        },
    }


def main() -> None:
    """Export, measure, write."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.export", description=__doc__)
    parser.add_argument("run", nargs="?", default="zoo:faces")
    parser.add_argument("--out", type=Path, default=RESULTS)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        begun = time.monotonic()
        (file,) = edgan.export(arguments.run, Path(folder) / "page.html")
        result = {
            "export_s": time.monotonic() - begun,
            "bytes": file.bytes,
            "difference_grey_levels": 127.5 * file.difference,
            **measured(file.path),
            "made_with": {
                "run": arguments.run,
                "cores": os.cpu_count(),
                "load_before": LOAD,
                "torch": torch.__version__,
            },
        }
    write_json_atomic(arguments.out, result)
    print(result)


if __name__ == "__main__":
    main()
