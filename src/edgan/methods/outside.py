"""Methods that other packages bring: as entry points, or in modules that the person names.

A run's folder may come from anybody, so what a run names is never imported. What is imported: entry points of the group
"edgan.methods", which belong to installed packages, and the modules in the environment variable EDGAN_METHODS.
"""

from __future__ import annotations

import importlib
import os
from collections.abc import Iterator
from importlib import metadata
from typing import Any

from edgan.errors import EdganError
from edgan.methods.page import Page

GROUP = "edgan.methods"
VARIABLE = "EDGAN_METHODS"
SCRIPT = "__main__"


def import_named_modules() -> None:
    """Import the modules that EDGAN_METHODS names, separated by commas. They register their methods.

    Raises:
        EdganError: one cannot be imported.
    """
    for name in filter(None, map(str.strip, os.environ.get(VARIABLE, "").split(","))):
        try:
            importlib.import_module(name)
        except Exception as error:  # a module may raise anything when it is imported
            raise EdganError(
                f"The module {name}, which the environment variable {VARIABLE} names, cannot be imported: "
                f"{type(error).__name__}: {error}. Install it, or put its folder on PYTHONPATH."
            ) from error


def entry_points(name: str | None = None) -> Iterator[metadata.EntryPoint]:
    """The entry points of installed packages that bring a method of this name, or any method."""
    yield from metadata.entry_points(group=GROUP) if name is None else metadata.entry_points(group=GROUP, name=name)


def page_of(point: metadata.EntryPoint) -> Page[Any]:
    """The page that an entry point leads to.

    Raises:
        EdganError: it cannot be imported, or is no page of that name.
    """
    package = point.dist.name if point.dist is not None else "a package"
    try:
        page = point.load()
    except Exception as error:  # as above
        raise EdganError(
            f"The method {point.name!r} of {package} cannot be imported from {point.value}: {type(error).__name__}: "
            f"{error}. Install that package again, or another version of it."
        ) from error
    if not isinstance(page, Page) or page.name != point.name:
        held = f"the page {page.name!r}" if isinstance(page, Page) else f"a {type(page).__name__}"
        raise EdganError(
            f"The entry point {point.name!r} of {package} must lead to a Page of that name, but {point.value} holds "
            f"{held}."
        )
    return page


def not_loaded(method: str, module: str) -> str:
    """A sentence for a run whose method is not there: where it is defined, and how to load it."""
    if module in ("", SCRIPT):
        return (
            f"Its method {method!r} was defined in a script or a notebook. Call edgan.register with its page before "
            "the run is read"
        )
    return (
        f"Its method {method!r} is defined in the module {module}, which is not imported, because a run's folder may "
        f"come from anybody. If you trust that module, import it first, or set {VARIABLE}={module} on the command line"
    )
