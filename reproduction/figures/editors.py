"""Editors of faces that several figures show, trained as the rows of Paper 2 train them, on rendered faces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from reproduction.figures.figure import Training
from reproduction.paper2.digits import plain
from reproduction.paper2.faces import MODELS, SCALES

SMALL = SCALES["small"]
OPTIONS: dict[str, Any] = {**SMALL.training}
ATTRIBUTES = ("Eyeglasses", "Smiling", "Blond_Hair", "Male", "Bangs", "Black_Hair", "Young", "Mustache")


def editor(name: str, options: Mapping[str, Any] = OPTIONS) -> Training:
    """The training of one of Paper 2's models; `options` as in `edgan.train`."""
    method, settings = MODELS[name]
    chosen = {**SMALL.settings.get(method, {}), **settings, "attributes": list(ATTRIBUTES)}
    return Training(f"editor-{plain(name)}-{options['steps']}", method, options, chosen)


def words(options: Mapping[str, Any] = OPTIONS) -> str:
    """How they are trained."""
    return f"Rendered faces, {options['steps']:,} steps of {options['batch']} images at {options['size']} px."
