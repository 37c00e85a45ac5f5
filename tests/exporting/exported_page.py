"""What tests read from an exported page."""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np
from playwright.sync_api import Page

PAGES = ("editor", "translator", "sampler", "twin")
OpenPage = Callable[[str], Page]
"""The fixture `open_page`."""


def pixels(page: Page, selector: str) -> np.ndarray:
    """The pixels of a canvas, (H, W, 3)."""
    shape, values = page.locator(selector).first.evaluate(
        "c => [[c.height, c.width, 4], [...c.getContext('2d').getImageData(0, 0, c.width, c.height).data]]"
    )
    return np.array(values, dtype=np.uint8).reshape(shape)[..., :3].astype(int)


def settled(page: Page, selector: str = "canvas.after", seconds: float = 30.0) -> np.ndarray:
    """The pixels of a canvas once nothing is under way."""
    end = time.monotonic() + seconds
    while page.evaluate("!!document.querySelector('.frame.working')"):
        assert time.monotonic() < end, f"the page was still working after {seconds:g} s"
        page.wait_for_timeout(20)
    return pixels(page, selector)


def set_slider(page: Page, label: str, value: float) -> float:
    """Move the slider with this label; the value that it took."""
    slider = page.get_by_label(label, exact=True)
    slider.evaluate(
        """(slider, value) => {
          slider.value = value;
          for (const kind of ["input", "change"]) slider.dispatchEvent(new Event(kind, {bubbles: true}));
        }""",
        value,
    )
    return float(slider.evaluate("s => s.value"))
