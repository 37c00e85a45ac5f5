"""Editors of faces that several figures show, trained as the rows of Paper 2 train them, on rendered faces."""

from __future__ import annotations

from typing import Any

from reproduction.figures.figure import Training
from reproduction.paper2.digits import plain
from reproduction.paper2.faces import MODELS, SCALES

SMALL = SCALES["small"]
OPTIONS: dict[str, Any] = {**SMALL.training}
ATTRIBUTES = ("Eyeglasses", "Smiling", "Blond_Hair", "Male", "Bangs", "Black_Hair", "Young", "Mustache")


def editor(name: str) -> Training:
    """The training of one of Paper 2's models."""
    method, settings = MODELS[name]
    chosen = {**SMALL.settings.get(method, {}), **settings, "attributes": list(ATTRIBUTES)}
    return Training(f"editor-{plain(name)}", method, OPTIONS, chosen)


def words() -> str:
    """How they are trained."""
    return f"Rendered faces, {OPTIONS['steps']} steps of {OPTIONS['batch']} images at {OPTIONS['size']} px."
