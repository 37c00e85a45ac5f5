"""The registry of methods, by name. `NAME//` is the decoupled twin of a coupled method."""

from __future__ import annotations

import re
import warnings
from dataclasses import replace
from typing import Any

from edgan.errors import EdganError, UsageError, near_miss
from edgan.methods.base import Method, Shape
from edgan.methods.decoupled import decoupled, drawer_of
from edgan.methods.generator_training import FeatureTraining
from edgan.methods.outside import entry_points, import_named_modules, page_of
from edgan.methods.page import Page
from edgan.methods.twin_settings import TwinOptions, generator_builder, options_of, twin_presets, twin_settings
from edgan.settings import Strict

PAGES: dict[str, Page[Any]] = {}
"""All methods, in the order of registration."""
OWN = "edgan."
"""What the names of edgan's own modules start with."""
TWIN = "//"
_NAME = re.compile(r"[A-Za-z0-9][\w+/.-]*")


def register(*pages: Page[Any]) -> None:
    """Add methods to the registry, so that every verb knows them by name.

    A page replaces another one of its name, as when a notebook's cell runs again, but none of edgan's own.

    Raises:
        UsageError: a name that is taken by edgan, is no name, or ends like that of a twin; or no presets.
    """
    for page in pages:
        if not isinstance(page, Page):
            raise UsageError(f"must be pages of methods (got {type(page).__name__}).", parameter="pages")
        if not _NAME.fullmatch(page.name) or page.name.endswith(TWIN):
            raise UsageError(
                f"A method's name is made of letters, digits and - + . _ and cannot end with // (got {page.name!r})."
            )
        taken = PAGES.get(page.name)
        if taken is not None and taken is not page and taken.module.startswith(OWN):
            raise UsageError(f"{page.name!r} is one of edgan's own methods. Give the page another name.")
        if not page.presets:
            raise UsageError(f"The page {page.name!r} has no presets. Give it at least one, such as 'quick'.")
        PAGES[page.name] = page


def name_of(method: str | Page[Any]) -> str:
    """The name of a method that a caller gave by name or as a page. A page is registered.

    Raises:
        UsageError: as `register`.
    """
    if isinstance(method, str):
        return method
    if method is not _TWINS.get(method.name, (None, None))[1]:  # a twin's page comes from `find`
        register(method)
    return method.name


def all_pages() -> list[Page[Any]]:
    """The pages of all methods, those of other packages included; one that cannot be imported gives a warning.

    Raises:
        EdganError: a module that EDGAN_METHODS names cannot be imported.
    """
    import_named_modules()
    for point in entry_points():
        try:
            if point.name not in PAGES:
                register(page_of(point))
        except EdganError as error:
            warnings.warn(str(error), stacklevel=2)
    return list(PAGES.values())


def is_known(name: str) -> bool:
    """Whether there is such a method, here or in another package.

    Raises:
        EdganError: another package has one, which cannot be imported.
    """
    coupled = name.removesuffix(TWIN)
    if coupled not in PAGES:
        import_named_modules()
    if coupled not in PAGES:
        register(*(page_of(point) for point in entry_points(coupled)))
    return coupled in PAGES


def find(name: str) -> Page[Any]:
    """The page of a method; "NAME//" is the decoupled twin of NAME.

    Raises:
        UsageError: there is no such method. That a method has no twin is raised when the page is bound.
        EdganError: another package has it, and it cannot be imported.
    """
    coupled = name.removesuffix(TWIN)
    if not is_known(name):
        raise UsageError(f"There is no method {name!r}. {near_miss(coupled, PAGES)}")
    page = PAGES[coupled]
    if coupled == name:
        return page
    made_of, twin = _TWINS.get(name, (None, page))
    if made_of is not page:
        twin = _twin(name, page)
        _TWINS[name] = page, twin
    return twin


_TWINS: dict[str, tuple[Page[Any], Page[Any]]] = {}
"""The coupled page and the twin's, by the twin's name."""


def _twin(name: str, page: Page[Any]) -> Page[Any]:
    def build(settings: Strict, shape: Shape) -> Method:
        method, options = page.bind(settings, shape), options_of(settings)
        try:
            drawer_of(method)  # a method without a twin is refused before its settings are read
            return decoupled(
                method,
                generator=generator_builder(method, options.generator),
                training=options,
                feature_weight=settings.feature_weight if isinstance(settings, FeatureTraining) else 0.0,
                generator_steps=options.generator_steps,
            )
        except UsageError:  # a setting of the twin is wrong, and says so
            raise
        except ValueError as error:
            raise UsageError(f"There is no {name!r}: {error}.") from None

    return replace(
        page,
        name=name,
        summary=f"the decoupled twin of {page.name}",
        settings=twin_settings(page.twin_settings or page.settings),
        presets=twin_presets(page),
        build=build,
        at_steps=TwinOptions.at,
        base=page.base and page.base + TWIN,
    )
