"""Attributes of which a picture has at most one, such as hair colours: raising one lowers the others."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace

from edgan.errors import UsageError, near_miss
from edgan.methods.base import Method


def with_exclusive(method: Method, groups: Iterable[str]) -> Method:
    """The method, whose edits know that attributes exclude each other.

    Args:
        method: bound; it edits attributes.
        groups: each "Black_Hair+Blond_Hair+Brown_Hair".

    Raises:
        UsageError: the method has no attributes of its own, a name is unknown or stands in two groups, or a group has
            fewer than two names.
    """
    edit = method.edit
    if edit is None or edit.kind != "multilabel":
        raise UsageError(f"cannot be set: {method.name} does not edit several attributes here.", parameter="exclusive")
    split = tuple(tuple(name.strip() for name in group.split("+") if name.strip()) for group in groups)
    seen: set[str] = set()
    for group in split:
        if len(group) < 2:
            raise UsageError(
                f"must name two attributes or more in a group, as in Black_Hair+Blond_Hair (got {'+'.join(group)!r}).",
                parameter="exclusive",
            )
        for name in group:
            if name not in edit.names:
                raise UsageError(
                    f"names an attribute that the data does not have: {name!r}. {near_miss(name, edit.names)}",
                    parameter="exclusive",
                )
            if name in seen:
                raise UsageError(f"names {name} twice; an attribute is in one group.", parameter="exclusive")
            seen.add(name)
    return replace(method, edit=replace(edit, exclusive=split))
