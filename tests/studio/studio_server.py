"""A studio as a process of its own, and what the tests read from its page."""

from __future__ import annotations

import asyncio
import io
import subprocess
import sys
import time
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, TypeVar

import httpx2 as httpx
import numpy as np
from PIL import Image
from playwright.sync_api import Page

Result = TypeVar("Result")
Open = Callable[..., Page]
"""The fixture `open_page`."""


def in_own_loop(work: Callable[[], Coroutine[Any, Any, Result]]) -> Result:
    """The result of a coroutine in a thread of its own: Playwright keeps an event loop running in the tests' thread."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lambda: asyncio.run(work())).result()


class Server:
    """`edgan studio` as a process of its own; `url` ends with a slash, `seconds` is how long it took to start."""

    def __init__(self, runs: Path, *words: str | Path) -> None:
        command = [sys.executable, "-m", "edgan", "studio", runs, "--no-browser", "--device", "cpu", *words]
        begun = time.monotonic()
        self.process = subprocess.Popen(list(map(str, command)), stderr=subprocess.PIPE, text=True)
        assert self.process.stderr is not None
        line = self.process.stderr.readline()
        assert "The studio is at" in line, line + self.process.stderr.read()
        self.url = line.split(" at ")[1].split()[0]
        self.seconds = time.monotonic() - begun

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait()
        assert self.process.stderr is not None
        self.process.stderr.close()


def pixels(page: Page, selector: str) -> np.ndarray:
    """The pixels of a canvas, (H, W, 3)."""
    shape, values = page.locator(selector).first.evaluate(
        "c => [[c.height, c.width, 4], [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]]"
    )
    return np.array(values, dtype=np.uint8).reshape(shape)[..., :3].astype(int)


def wait_until(page: Page, expression: str, seconds: float = 20.0) -> None:
    """Wait until an expression holds. Playwright's own wait uses eval, which the page's policy forbids."""
    end = time.monotonic() + seconds
    while not page.evaluate(expression):
        assert time.monotonic() < end, f"not within {seconds:g} s: {expression}"
        page.wait_for_timeout(30)


def settled(page: Page, selector: str = "canvas.after") -> np.ndarray:
    """The pixels of a canvas once nothing is under way."""
    wait_until(page, "!document.querySelector('.frame.working')")
    return pixels(page, selector)


def changed(before: np.ndarray, after: np.ndarray) -> np.ndarray:
    """Where pixels differ, (H, W)."""
    return np.abs(before - after).max(2) > 2


def drag(page: Page, selector: str, share: float, steps: int = 12) -> None:
    """Drag a slider's thumb with the mouse to a share of its track."""
    slider = page.locator(selector)
    slider.scroll_into_view_if_needed()
    box = slider.bounding_box()
    assert box is not None
    low, high, value = (float(slider.evaluate(f"s => s.{name}")) for name in ("min", "max", "value"))
    place = lambda part: box["x"] + 9 + part * (box["width"] - 18)  # noqa: E731
    height = box["y"] + box["height"] / 2
    page.mouse.move(place((value - low) / (high - low)), height)
    page.mouse.down()
    page.mouse.move(place(share), height, steps=steps)
    page.mouse.up()


SMILING = "css=.attribute:has(label:text-is('Smiling')) input"


def open_editor(open_page: Open, run: str = "editor", **options: object) -> Page:
    """The Edit panel of a run, with its first picture drawn."""
    page = open_page(f"runs/{run}/edit", **options)
    page.locator(SMILING).wait_for()
    settled(page)
    return page


def picture(response: httpx.Response) -> np.ndarray:
    """The pixels of a PNG that the server sent, (H, W, 3)."""
    assert response.status_code == 200, response.text
    return np.asarray(Image.open(io.BytesIO(response.content)).convert("RGB")).astype(int)
