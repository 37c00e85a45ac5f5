"""A slider that is dragged in a browser, for the benchmarks of pages."""

from __future__ import annotations

import time

from playwright.sync_api import Page


def drag_first_slider(page: Page, seconds: float) -> int:
    """Move the first slider's thumb back and forth, 60 moves a second; the number of moves."""
    slider = page.locator(".attribute input").first
    box = slider.bounding_box()
    assert box is not None
    left, right, height = box["x"] + 9, box["x"] + box["width"] - 9, box["y"] + box["height"] / 2
    low, high, value = (float(slider.evaluate(f"s => s.{name}")) for name in ("min", "max", "value"))
    page.mouse.move(left + (right - left) * (value - low) / (high - low), height)
    page.mouse.down()
    begun, moves = time.monotonic(), 0
    while (passed := time.monotonic() - begun) < seconds:
        share = abs((passed / 2.0) % 2.0 - 1.0)
        page.mouse.move(left + (right - left) * share, height)
        moves += 1
        time.sleep(max(0.0, moves / 60.0 - (time.monotonic() - begun)))
    page.mouse.up()
    return moves
