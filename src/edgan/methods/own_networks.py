"""A person's own modules as networks of a method."""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from torch import nn

from edgan.errors import UsageError, near_miss
from edgan.methods.base import Method


def with_networks(method: Method, modules: Mapping[str, nn.Module]) -> Method:
    """The method with a person's own modules in place of its networks, weights included.

    Args:
        method: bound.
        modules: by column of its table. They are copied, so the person's own stay as they are.

    Raises:
        UsageError: the method has no such network, or it is not a module.
    """
    for name, module in modules.items():
        if name not in method.plan.table.networks:
            raise UsageError(
                f"names a network that {method.name} does not have: {name!r}. "
                f"{near_miss(name, method.plan.table.networks)}",
                parameter="networks",
            )
        if not isinstance(module, nn.Module):
            raise UsageError(
                f"must hold torch modules; {name!r} is of type {type(module).__name__}.", parameter="networks"
            )
    builders = {name: partial(copy.deepcopy, module) for name, module in modules.items()}
    return replace(method, networks={**method.networks, **builders})
