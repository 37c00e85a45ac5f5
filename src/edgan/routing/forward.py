"""One forward pass: the taps of a batch, each computed on first use."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.routing.cut import scale_gradient
from edgan.routing.plan import Plan
from edgan.routing.schedule import Moment, scaled, weight_at
from edgan.routing.term import Tap, Term


@dataclass(frozen=True)
class Inputs:
    """The inputs of a forward.

    Attributes:
        fields: the batch: "image" (N, C, H, W) in [-1, 1], and "source", "attributes", "label" if the data has them.
        noise: draws a noise tap: (tap's name, kind, shape of one sample) -> (N, *shape).
        index: (N,) the images' positions in their data set, on the CPU, if they have one.
        kept: the values that are kept for these images, where they were looked up before; see `Executor.kept_values`.
    """

    fields: Mapping[str, Tensor]
    noise: Callable[[str, str, tuple[int, ...]], Tensor]
    index: Tensor | None = None
    kept: Mapping[str, Any] | None = None


class Forward:
    """The taps of one batch, each computed on first use and then kept.

    Args:
        plan: says how a tap is computed and which cuts hold.
        networks: the modules by name.
        inputs: the batch.
        phases: the phases that the forward serves; cuts may hold in some phases only.
        known: taps already computed.
        autocast: bfloat16 where torch allows it.
        on_call: called around each network's call with its name (used for counting FLOPs).
        step: within the stage, for noise whose scale follows a schedule; infinity, its end, outside training.
    """

    def __init__(
        self,
        plan: Plan,
        networks: Mapping[str, nn.Module],
        inputs: Inputs,
        phases: tuple[str, ...] = (),
        known: Mapping[str, Any] | None = None,
        autocast: bool = False,
        on_call: Callable[[str], AbstractContextManager[Any]] = lambda _: nullcontext(),
        step: Moment = math.inf,
    ) -> None:
        self.plan = plan
        self.networks = networks
        self.inputs = inputs
        self.values: dict[str, Any] = dict(known or {})
        self.calls: Counter[str] = Counter()
        self._cuts = [cut for cut in plan.cuts if cut.holds(phases)]
        self._autocast = autocast
        self._step = step
        self._on_call = on_call

    def __getitem__(self, name: str) -> Any:
        if name in self.values:
            return self.values[name]
        if name not in self.plan.tap:
            if name not in self.inputs.fields:
                raise UsageError(f"The method needs the {name} of each sample, but these samples have none.")
            return self.inputs.fields[name]
        tap = self.plan.tap[name]
        if tap.noise is not None:
            value: Any = self.inputs.noise(name, *tap.noise)
            if tap.scale != 1.0:
                value = scaled(value, weight_at(tap.scale, self._step))
        else:
            arguments = [self.into(name, source) for source in tap.inputs]
            with self._precision(tap):
                if tap.network is not None:
                    network = self.networks[tap.network]
                    self.calls[tap.network if tap.method is None else f"{tap.network}.{tap.method}"] += 1
                    with self._on_call(tap.network):
                        value = network(*arguments) if tap.method is None else getattr(network, tap.method)(*arguments)
                else:
                    assert tap.function is not None
                    value = tap.function(*arguments)
        if tap.leaf:
            value = value.detach().requires_grad_()
        self.values[name] = value
        return value

    def _precision(self, tap: Tap) -> AbstractContextManager[Any]:
        if not self._autocast or tap.float32:
            return nullcontext()
        return torch.autocast(next(iter(self.inputs.fields.values())).device.type, torch.bfloat16)

    def into(self, consumer: str, name: str) -> Any:
        """A tap's value for a consumer, with the cuts between the two applied."""
        value = self[name]
        for cut in self._cuts:
            if cut.tap == name and cut.into in (None, consumer):
                value = scale_gradient(value, cut.scale)
        return value

    def loss(self, term: Term) -> Tensor:
        """The mean of a term's values, computed in at least float32."""
        values = term.loss(*(at_least_float32(self.into(term.name, name)) for name in term.taps))
        return values.to(torch.promote_types(values.dtype, torch.float32)).mean()


def at_least_float32(value: Any) -> Any:
    """A tap's value for a loss: bfloat16 becomes float32, since losses subtract numbers that are nearly equal."""
    if isinstance(value, Tensor) and value.is_floating_point():
        return value.to(torch.promote_types(value.dtype, torch.float32))
    if isinstance(value, tuple):
        items = (at_least_float32(item) for item in value)
        return type(value)(*items) if hasattr(value, "_fields") else tuple(items)
    return value
