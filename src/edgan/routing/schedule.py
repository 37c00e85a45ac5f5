"""A route: a weight, constant or changing with the step."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

Moment = float | Tensor
"""A step, counted from 0; a () float64 tensor on a device gives weights there, which a CUDA graph reads anew."""


@dataclass(frozen=True)
class Linear:
    """A linear warm-up from `start` to `stop` over the first `over` steps, then `stop`."""

    start: float
    stop: float
    over: int

    def __post_init__(self) -> None:
        if self.over < 1:
            raise ValueError(f"a linear schedule needs at least one step (got {self.over})")

    def at(self, step: Moment) -> Any:
        share = step / self.over
        share = share.clamp(max=1.0) if isinstance(share, Tensor) else min(share, 1.0)
        return self.start + (self.stop - self.start) * share

    def __str__(self) -> str:
        return f"linear({_number(self.start)},{_number(self.stop)},{self.over})"


@dataclass(frozen=True)
class Piecewise:
    """Constant pieces: `points` is ((step, weight), ...) with increasing steps; before the first the weight is 0."""

    points: tuple[tuple[int, float], ...]

    def __post_init__(self) -> None:
        steps = [step for step, _ in self.points]
        if not steps or steps != sorted(set(steps)):
            raise ValueError(f"a piecewise schedule needs increasing steps (got {steps})")

    def at(self, step: Moment) -> Any:
        if isinstance(step, Tensor):
            weights = torch.zeros_like(step)
            for start, value in self.points:
                weights = torch.where(step >= start, value, weights)
            return weights
        weight = 0.0
        for start, value in self.points:
            if step >= start:
                weight = value
        return weight

    def __str__(self) -> str:
        return "piecewise(" + ",".join(f"{step}:{_number(value)}" for step, value in self.points) + ")"


Route = float | Linear | Piecewise


def weight_at(route: Route, step: Moment) -> Any:
    """The route's weight at a step, counted from 0; infinity gives its final weight.

    Returns:
        A float. For a tensor as the step, a route that changes gives a () float64 tensor.
    """
    return route.at(step) if isinstance(route, Linear | Piecewise) else float(route)


def scaled(value: Tensor, weight: float | Tensor) -> Tensor:
    """A value times a route's weight, with the same bits for a float and for a tensor of it."""
    return value * (weight.to(value.dtype) if isinstance(weight, Tensor) else weight)


def route_text(route: Route) -> str:
    """A route as the table prints it; `parse_route` reads the same route back."""
    return _number(route) if isinstance(route, int | float) else str(route)


def parse_route(text: str) -> Route:
    """Read a route: "0.5", "linear(START,STOP,STEPS)" or "piecewise(STEP:WEIGHT,STEP:WEIGHT,...)".

    Raises:
        ValueError: the text is not a route; the message shows the three forms.
    """
    call = re.fullmatch(r"\s*(linear|piecewise)\((.*)\)\s*", text)
    try:
        if call is None:
            return _finite(text)
        arguments = call.group(2).split(",")
        if call.group(1) == "linear":
            start, stop, over = arguments
            return Linear(_finite(start), _finite(stop), int(over))
        pairs = (argument.split(":") for argument in arguments)
        return Piecewise(tuple((int(step), _finite(value)) for step, value in pairs))
    except ValueError:
        raise ValueError(
            f"{text!r} is not a route; write a number such as 0.1, linear(0,1,5000) for a warm-up from 0 to 1 over "
            "5,000 steps, or piecewise(0:0,1000:0.5) for constant pieces"
        ) from None


def _number(value: float) -> str:
    """The shortest text that reads back as this number."""
    short = f"{value:g}"
    return short if float(short) == value else repr(float(value))


def _finite(text: str) -> float:
    value = float(text)
    if not math.isfinite(value):
        raise ValueError
    return value
