"""`methods`: the methods that there are."""

from __future__ import annotations

from typing import Any

from edgan.methods import PAGES, find


def methods() -> list[dict[str, Any]]:
    """Name, summary, paper, capabilities (with every option on) and presets of each method."""
    return [
        {
            "name": page.name,
            "summary": page.summary,
            "paper": page.paper,
            "capabilities": list(page.capabilities),
            "presets": sorted(page.presets),
        }
        for page in (find(name) for name in PAGES)
    ]
