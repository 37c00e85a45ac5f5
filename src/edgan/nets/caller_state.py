"""What a call into edgan must leave as it was: the caller's random state, and the modes of the caller's networks."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

import torch
from torch import nn

DEPTH = 3
"""How many functions deep a function is searched for networks."""


@contextmanager
def seeded(seed: int) -> Iterator[None]:
    """Within the block, torch's random numbers on the CPU depend on the seed alone; afterwards the old state is back.

    Random states of other devices are neither read nor changed, unlike with `torch.manual_seed`.
    """
    with torch.random.fork_rng(devices=[]):
        torch.default_generator.manual_seed(seed)
        yield


@contextmanager
def random_state_kept() -> Iterator[None]:
    """After the block, torch's random states are what they were before it, on the CPU and on the CUDA devices."""
    devices = range(torch.cuda.device_count()) if torch.cuda.is_initialized() else ()
    with torch.random.fork_rng(list(devices)):
        yield


@contextmanager
def evaluation_mode(*functions: Any) -> Iterator[None]:
    """Within the block, the networks behind these functions are in evaluation mode; afterwards in their own modes.

    A network in training mode would normalise by the batch at hand and move its running statistics. Only the flags
    that are set are changed, module by module.

    Args:
        functions: see `networks_behind`.
    """
    networks = {network for function in functions for network in networks_behind(function)}
    modules = {module for network in networks for module in network.modules()}
    training = [module for module in modules if module.training]
    for module in training:
        module.training = False
    try:
        yield
    finally:
        for module in training:
            module.training = True


def networks_behind(function: Any) -> tuple[nn.Module, ...]:
    """The networks that a function is, is a method of, or refers to by name, also through other functions.

    Args:
        function: a module, a method of one or of an object that holds some, an object that can be called, a
            `functools.partial`, or a function that reads modules from the scope around it. Anything else has none.
    """
    networks: dict[nn.Module, None] = {}
    seen: set[int] = set()

    def visit(value: Any, depth: int) -> None:
        if id(value) in seen or depth > DEPTH:
            return
        seen.add(id(value))
        if isinstance(value, nn.Module):
            networks[value] = None
        elif callable(value) and not inspect.isclass(value):
            for referred in _referred_to(value):
                visit(referred, depth + 1)

    visit(function, 0)
    return tuple(networks)


def _referred_to(function: Any) -> list[Any]:
    """What a function's code, its owner or its arguments refer to."""
    if isinstance(function, partial):
        return [function.func, *function.args, *function.keywords.values()]
    owner = getattr(function, "__self__", None)
    held = [] if owner is None else [owner, *getattr(owner, "__dict__", {}).values()]
    plain = inspect.unwrap(function)
    if inspect.ismethod(plain) or inspect.isfunction(plain):
        variables = inspect.getclosurevars(plain)
        return [*held, *variables.nonlocals.values(), *variables.globals.values()]
    return [*held, *getattr(function, "__dict__", {}).values()]
