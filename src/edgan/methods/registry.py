"""The registry of methods, by name. `NAME//` is the decoupled twin of a coupled method."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from edgan.errors import UsageError, near_miss
from edgan.methods.base import Method, Shape
from edgan.methods.decoupled import decoupled, drawer_of
from edgan.methods.page import Page
from edgan.methods.twin_settings import generator_builder, options_of, twin_presets, twin_settings
from edgan.settings import Strict

PAGES: dict[str, Page[Any]] = {}
"""All methods, in the order of registration."""


def register(*pages: Page[Any]) -> None:
    """Add methods to the registry."""
    PAGES.update({page.name: page for page in pages})


def find(name: str) -> Page[Any]:
    """The page of a method; "NAME//" is the decoupled twin of NAME.

    Raises:
        UsageError: there is no such method. That a method has no twin is raised when the page is bound.
    """
    coupled = name.removesuffix("//")
    if coupled not in PAGES:
        raise UsageError(f"There is no method {name!r}. {near_miss(coupled, PAGES)}")
    page = PAGES[coupled]
    if coupled == name:
        return page

    def build(settings: Strict, shape: Shape) -> Method:
        method, options = page.bind(settings, shape), options_of(settings)
        try:
            drawer_of(method)  # a method without a twin is refused before its settings are read
            return decoupled(
                method,
                generator=generator_builder(method, options.generator),
                ed_first=options.ed_first,
                generator_steps=options.generator_steps,
            )
        except UsageError:  # a setting of the twin is wrong, and says so
            raise
        except ValueError as error:
            raise UsageError(f"There is no {name!r}: {error}.") from None

    return replace(
        page,
        name=name,
        summary=f"the decoupled twin of {coupled}",
        settings=twin_settings(page.twin_settings or page.settings),
        presets=twin_presets(page),
        build=build,
    )
