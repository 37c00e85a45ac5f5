"""`explain`: a method's table, phases and plan, with the cost of a step and, on request, measured gradients."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from edgan.api.origin_text import origin_text
from edgan.api.origins import with_origin
from edgan.api.start import start_of
from edgan.config import Configuration, configure
from edgan.data import open_dataset
from edgan.errors import UsageError
from edgan.methods import Method, Page, Shape, find
from edgan.methods.frozen_columns import refuse_unknown_layers
from edgan.methods.registry import name_of
from edgan.models.device import resolve_device
from edgan.models.inputs import fixed_inputs
from edgan.nets.caller_state import seeded
from edgan.routing import Cut, Phase, Route, inspect, kept_taps, table_text
from edgan.routing.inspect import Cost, check_reach, cost_of_step, meta_inputs, on_meta


@dataclass(frozen=True)
class Explanation:
    """What `edgan explain` prints.

    Attributes:
        configuration: what was explained.
        method: the page, bound.
        costs: of a step of each stage: a usual step, and one at which every lazy term is due.
        gradients: {(term, network): norm} if they were measured.
        started_from: the run that a training would start from, as run.json has it; None without one.
    """

    configuration: Configuration
    method: Method
    costs: tuple[tuple[Cost, Cost], ...]
    gradients: Mapping[tuple[str, str], float] | None = None
    started_from: Mapping[str, Any] | None = None

    def as_dict(self) -> dict[str, Any]:
        """Plain data with "table", "phases", "plan" and, if they were measured, "gradients"."""
        plan = self.method.plan
        phases = [
            {
                "stage": stage.name,
                "steps": stage.steps,
                "form": "simultaneous" if stage.simultaneous else "alternating",
                "phases": [
                    {
                        "name": p.name,
                        "networks": list(p.networks),
                        "every": p.every,
                        "repeat": p.repeat,
                        "fresh": p.fresh,
                        "terms": None if p.terms is None else list(p.terms),
                        "condition": None if p.condition is None else p.condition.name,
                    }
                    for p in stage.phases
                ],
            }
            for stage in plan.stages
        ]
        explained: dict[str, Any] = {
            "method": self.method.name,
            "preset": self.configuration.preset,
            "size": self.configuration.size,
            "batch": self.configuration.batch,
            "table": {**plan.table.as_dict(), "digest": plan.table.digest()},
            "phases": phases,
            "cuts": [
                {"name": c.name, "tap": c.tap, "into": c.into, "scale": c.scale, "phases": c.phases} for c in plan.cuts
            ],
            "plan": [self._stage_plan(index) for index in range(len(plan.stages))],
        }
        explained |= {} if self.started_from is None else {"started_from": self.started_from}
        if self.gradients is not None:
            explained["gradients"] = {
                term: {network: self.gradients.get((term, network), 0.0) for network in plan.table.networks}
                for term in (t.name for t in plan.table.terms)
            }
        return explained

    def _stage_plan(self, index: int) -> dict[str, Any]:
        plan = self.method.plan
        usual, full = self.costs[index]
        return {
            "passes": [
                {
                    "phases": list(backward_pass.phases),
                    "backwards": [
                        {"networks": list(c.networks), "terms": [t.name for t, _ in c.cells]}
                        for c in backward_pass.columns
                    ],
                    "carried_taps": sorted(backward_pass.carried),
                    "computed_taps": list(backward_pass.computed),
                }
                for backward_pass in plan.passes(index, 0)
            ],
            "kept_per_image": list(self._kept(index)),
            "forwards": dict(usual.forwards),
            "backwards": usual.backwards,
            "flops": dict(usual.flops),
            "flops_with_lazy_terms": dict(full.flops),
            "inert": [f"{term}.{network}" for term, network in self._inert()],
            "blocked": [
                f"{row.term.name}.{network}"
                for row in plan.table.rows
                for network in plan.table.networks
                if row.route(network) is None
            ],
        }

    def _kept(self, index: int) -> tuple[str, ...]:
        """Taps that a stage computes once per image; none if augmentation changes the images."""
        return () if self.configuration.augment.varies else tuple(kept_taps(self.method.plan, index))

    def _inert(self) -> tuple[tuple[str, str], ...]:
        plan, settings_of = self.method.plan, self.configuration.optimiser_of
        names = plan.optimiser_names.items()
        return plan.inert(name for (phase, network), name in names if settings_of(network, phase).scale_free)

    def __str__(self) -> str:
        plan = self.method.plan
        lines = [f"{self.method.name}, preset {self.configuration.preset}, {self.configuration.size} px", ""]
        origin, fixed = origin_text(self.started_from), ", ".join(plan.fixed_layers)
        lines += [f"starts from {origin}", ""] if origin else []
        lines += [table_text(plan.table), "", *map(_cut_text, plan.cuts)]
        lines += [f"frozen   {fixed}", ""] if fixed else []
        for index, stage in enumerate(plan.stages):
            usual, full = self.costs[index]
            order = "   ".join(_phase_text(i, p) for i, p in enumerate(stage.phases, 1))
            form = "simultaneous" if stage.simultaneous else "alternating"
            lines.append(f"stage {index + 1}  phases  {order}   ({form})")
            calls = ", ".join(f"{network} {count}" for network, count in usual.forwards.items())
            lines.append(
                f"plan     {sum(usual.forwards.values())} forwards ({calls}), {usual.backwards} backwards a step"
            )
            for backward_pass in plan.passes(index, 0):
                for column in backward_pass.columns:
                    terms = " + ".join(term.name for term, _ in column.cells)
                    lines.append(f"           {terms} -> {', '.join(column.networks)}")
                if backward_pass.carried:
                    carried = ", ".join(sorted(backward_pass.carried))
                    lines.append(f"           reused from the pass before: {carried}")
            if kept := self._kept(index):
                lines.append(f"           computed once per image and kept: {', '.join(kept)}")
            lines += _flops_lines(usual, full, self.configuration.batch)
        inert = [f"{term} -> {network}" for term, network in self._inert()]
        if inert:
            lines += ["", f"inert    {', '.join(inert)}: the only cell of its column, and the optimiser is invariant"]
            lines += ["         to its scale: a constant weight there changes nothing (up to the optimiser's epsilon)."]
        if self.gradients is not None:
            texts = {cell: f"{norm:.3g}" for cell, norm in self.gradients.items()}
            weights = "those of the run that it starts from" if origin else "as initialised"
            lines += ["", f"measured gradient norms (L2, one batch, weights {weights})"]
            lines += [table_text(plan.table, texts)]
            for term, network in inspect.negligible(plan, self.gradients):
                lines.append(
                    f"weak     {term} -> {network}: under {inspect.NEGLIGIBLE:.0%} of the strongest gradient there, so "
                    "that its weight hardly matters"
                )
        return "\n".join(lines)


def _phase_text(number: int, phase: Phase) -> str:
    terms = "" if phase.terms is None else f" by {' + '.join(phase.terms)}"
    condition = "" if phase.condition is None else f" [{phase.condition.name}]"
    return f"{number} {'+'.join(phase.networks)}{terms}{condition}"


def _cut_text(cut: Cut) -> str:
    way = f"{cut.tap} -> {cut.into or 'every reader'}"
    where = f" in {', '.join(cut.phases)}" if cut.phases else ""
    return f"cut      {cut.name}: the gradient of {way} is multiplied by {cut.scale:g}{where}"


def _flops_lines(usual: Cost, full: Cost, batch: int) -> list[str]:
    each = ", ".join(f"{network} {count / batch / 1e9:.3g}" for network, count in usual.flops.items())
    lines = [f"FLOPs    {sum(usual.flops.values()) / batch / 1e9:.3g} GFLOP an image and step: {each}"]
    if full.flops != usual.flops:
        lines.append(
            f"         {sum(full.flops.values()) / batch / 1e9:.3g} GFLOP at steps where every lazy term is due"
        )
    return lines


def explain(
    method: str | Page[Any],
    *,
    route: Mapping[str, Route | str] | None = None,
    set: Mapping[str, Any] | None = None,
    preset: str | None = None,
    size: int | None = None,
    data: str | Path | None = None,
    start_from: str | Path | None = None,
    measure: bool = False,
) -> Explanation:
    """Explain a method; nothing is trained.

    Args:
        method: a name from the registry, or a page.
        route: cells that differ.
        set: dotted settings that differ.
        preset: the method's default unless given.
        size: side of the images in pixels.
        data: a data set, for the channels and the batch that is measured.
        start_from: a run, or "zoo:NAME", that a training would start from: the settings of the networks and the weights
            that are measured are then that run's, as `train` takes them.
        measure: measure the gradient norm of every cell on a real batch of `data`.

    Raises:
        UsageError: a wrong name or value, a cell that no gradient reaches, or `measure` without `data`.
    """
    if measure and data is None:
        raise UsageError("needs real images, and no data was given.", parameter="measure")
    name = name_of(method)
    changes, origin = with_origin(name, set or {}, size, start_from)
    configuration = configure(name, preset, changes, route, size=size)
    dataset = None if data is None else open_dataset(data, **configuration.data_options)
    assumed = Shape(configuration.size, 3, **find(name).example)
    if origin is not None:
        assumed = replace(origin.shape, size=configuration.size)
    shape = assumed if dataset is None else Shape.of(dataset)
    start = start_of(origin, configuration, shape, "frozen" in changes)
    configuration, bound = start.configuration, start.method
    with seeded(configuration.seed):
        networks = bound.build()
    start.weights.apply(networks)
    refuse_unknown_layers(bound.plan.fixed_layers, networks)
    meta = on_meta(networks)
    inputs = meta_inputs(_fields(shape, configuration.batch))
    check_reach(bound.plan, meta, inputs)
    costs = tuple(
        (cost_of_step(bound.plan, meta, inputs, index, step=1), cost_of_step(bound.plan, meta, inputs, index, step=0))
        for index in range(len(bound.plan.stages))
    )
    gradients = None
    if dataset is not None and measure:
        device = resolve_device("auto")
        real = fixed_inputs(dataset, "train", configuration.batch, device, configuration.seed)
        on_device = {name: network.to(device) for name, network in networks.items()}
        gradients = inspect.measure(bound.plan, on_device, lambda _: real)
    return Explanation(configuration, bound, costs, gradients, start.record)


def _fields(shape: Shape, batch: int) -> dict[str, Tensor]:
    """A batch of such data as meta tensors."""
    square = (shape.size, shape.size)
    fields = {
        "image": torch.empty(batch, shape.channels, *square, device="meta"),
        "source": torch.empty(batch, shape.source_channels, *square, device="meta"),
        "attributes": torch.empty(batch, len(shape.attributes), device="meta"),
        "label": torch.empty(batch, dtype=torch.int64, device="meta"),
    }
    return {name: value for name, value in fields.items() if shape.has(name)}
