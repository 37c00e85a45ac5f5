"""Taps and terms: what the forward pass names, and the losses that read it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from torch import Tensor

from edgan.routing.schedule import Route

BATCH_FIELDS = ("image", "source", "attributes", "label")
"""What a batch may carry. Taps and terms read these names as they read taps."""


@dataclass(frozen=True)
class Tap:
    """A named value of the forward pass, computed at most once per forward and only when a term asks for it.

    Exactly one of `network`, `function` and `noise` says how it is computed.

    Attributes:
        name: what terms and other taps call it: "z", "base", "residual", "output", "d_fake", ...
        inputs: the taps or batch fields ("image", "source", "attributes", "label") it is computed from, in order.
        network: the network that maps the inputs to it.
        function: a pure function of the inputs.
        noise: ("normal" | "uniform", shape of one sample), drawn as a pure function of seed, step and position in the
            global batch; "normal" is N(0, 1), "uniform" is U(0, 1).
        leaf: the value is detached and requires a gradient, so that a penalty can differentiate with respect to it.
        float32: computed outside autocast.
        method: the network's method to call instead of `forward`, such as "features" of a discriminator.
        scale: factor of the noise. A schedule counts the steps of the stage; outside training its final value holds.
    """

    name: str
    inputs: tuple[str, ...] = ()
    network: str | None = None
    function: Callable[..., Any] | None = None
    noise: tuple[str, tuple[int, ...]] | None = None
    leaf: bool = False
    float32: bool = False
    method: str | None = None
    scale: Route = 1.0

    def __post_init__(self) -> None:
        if sum(way is not None for way in (self.network, self.function, self.noise)) != 1:
            raise ValueError(f"tap {self.name!r}: give exactly one of network, function and noise")
        if self.method is not None and self.network is None:
            raise ValueError(f"tap {self.name!r} names the method {self.method!r} but no network")
        if self.scale != 1.0 and self.noise is None:
            raise ValueError(f"tap {self.name!r} is not noise, so it cannot have a scale")


@dataclass(frozen=True)
class Term:
    """A loss: a pure function of taps. It knows no network, weight or optimiser and never detaches.

    Attributes:
        name: its row in the table.
        loss: maps the taps to per-sample values (N,), or to a scalar if only the whole batch has a value. Its mean is
            the term's value.
        taps: the taps it reads, in the loss's order.
        label: how the table prints it: "L1(base, image)".
        source: the paper's equation.
        every: evaluate it at every k-th step only (a lazy penalty). Its weight is multiplied by k there, so that the
            mean gradient stays the same.
        differentiates: the loss itself takes a gradient (a gradient penalty), so the pass needs double backward and is
            never compiled.
        unreached: networks behind the taps that the gradient does not reach, because the loss reads a part of a tap
            that does not depend on them. They may then share a backward with networks that it teaches.
    """

    name: str
    loss: Callable[..., Tensor]
    taps: tuple[str, ...]
    label: str
    source: str = ""
    every: int = 1
    differentiates: bool = False
    unreached: tuple[str, ...] = ()
