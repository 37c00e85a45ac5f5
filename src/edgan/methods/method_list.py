"""`methods`: the methods that there are."""

from __future__ import annotations

from typing import Any

from edgan.methods.base import Shape
from edgan.methods.page import Page
from edgan.methods.registry import all_pages

CONDITIONS = {
    "sample": "with latent.prior=vae or latent.prior=aae",
    "edit": "after training on data with attributes or classes",
}
"""What a capability takes that the default settings do not give."""


def methods() -> list[dict[str, Any]]:
    """Name, summary, paper, capabilities and presets of each method, those of other packages included.

    "capabilities" are those of the default settings; "with_other_settings" maps further ones to what they take.
    """
    return [_described(page) for page in all_pages()]


def _described(page: Page[Any]) -> dict[str, Any]:
    able = _by_default(page)
    return {
        "name": page.name,
        "summary": page.summary,
        "paper": page.paper,
        "capabilities": list(able),
        "with_other_settings": {name: CONDITIONS[name] for name in page.capabilities if name not in able},
        "presets": sorted(page.presets),
    }


def _by_default(page: Page[Any]) -> tuple[str, ...]:
    """The capabilities that a training with the default preset has."""
    if page.origin is not None:  # they are those of the run that it starts from, and the page names them
        return page.capabilities
    preset = page.presets[page.default_preset]
    return page.bind(
        preset.settings, Shape(**{"size": preset.training.size, "channels": 3, **page.example})
    ).capabilities
