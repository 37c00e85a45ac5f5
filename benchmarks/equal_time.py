"""How many steps of a preset cost a given processor time: a short probe measures a step in every stage."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch

from edgan.config import Configuration, configure
from edgan.data import Dataset, open_dataset
from edgan.methods import Shape
from edgan.routing import Plan
from edgan.storage.run_folder import RunFolder
from edgan.training.distributed import World
from edgan.training.loop import Trainer

UNTIMED, PROBED = 3, 16
"""Steps of a stage that a probe leaves out and measures: a period of the lazy R1 penalty."""
ROUND = 10
"""Numbers of steps are multiples of this."""
NEVER = 10**6
QUIET = dict.fromkeys(("log_every", "evaluate_every", "preview_every", "checkpoint_every"), NEVER)


@dataclass(frozen=True)
class Wanted:
    """What to compare.

    Attributes:
        method: of both presets.
        data: the data set.
        size: side of the pictures in pixels.
        seconds: of processor time for a training.
        out: folder of the sheets and the figures.
        settings: dotted settings of both presets, such as attributes.
        device: where it trains, and where the models are judged.
        scratch: folder of the trainings; None is `out`.
    """

    method: str
    data: str
    size: int
    seconds: float
    out: Path
    settings: Mapping[str, Any] = field(default_factory=dict)
    device: str = "cpu"
    scratch: Path | None = None

    def configuration(self, preset: str, **named: Any) -> Configuration:
        """The configuration of a training on the CPU, where processor time is measured."""
        return configure(self.method, preset, {**self.settings, "device": "cpu"}, size=self.size, **named)

    def run(self, preset: str, seed: int) -> Path:
        """The folder of a training."""
        return (self.scratch or self.out) / f"{preset}-{seed}"


def steps_for(wanted: Wanted, preset: str) -> int:
    """The most steps of a preset that cost no more than `wanted.seconds` of processor time."""
    configuration = wanted.configuration(preset)
    dataset = open_dataset(wanted.data, **configuration.data_options)
    costs = stage_costs(wanted, preset, dataset)

    def cost(steps: int) -> float:
        return _cost(wanted.configuration(preset, steps=steps), dataset, costs)

    many = 2 * ROUND
    while cost(many) <= wanted.seconds:
        many *= 2
    return max((steps for steps in range(ROUND, many, ROUND) if cost(steps) <= wanted.seconds), default=ROUND)


def _cost(configuration: Configuration, dataset: Dataset, costs: Mapping[str, float]) -> float:
    """Processor seconds of a training, given those of a step in each stage. Short trainings may lack a stage."""
    stages = configuration.build(Shape.of(dataset)).plan.stages
    left, total = configuration.steps, 0.0
    for stage in stages:
        taken = left if stage.steps is None else min(left, stage.steps)
        left, total = left - taken, total + taken * costs[stage.name]
    return total


def stage_costs(wanted: Wanted, preset: str, dataset: Dataset) -> dict[str, float]:
    """Processor seconds of a step in each stage of a preset, by the stage's name.

    Args:
        wanted: method, size and settings.
        preset: "small" or "quick".
        dataset: read as the preset reads it.
    """
    configuration = wanted.configuration(preset)
    configuration = configuration.model_copy(update=QUIET)
    method = configuration.build(Shape.of(dataset))
    plan, steps = method.plan, UNTIMED + PROBED
    short = tuple(stage if stage.steps is None else replace(stage, steps=steps) for stage in plan.stages)
    method = replace(method, plan=Plan(plan.table, plan.taps, short, plan.cuts, plan.fixed_layers))
    costs = {}
    with tempfile.TemporaryDirectory() as scratch:
        folder, world = RunFolder(Path(scratch)), World(0, 1, torch.device("cpu"))
        trainer = Trainer(configuration, method, dataset, folder, world)
        for stage in plan.stages:
            for _ in range(UNTIMED):
                trainer.advance()
            begun = time.process_time()
            for _ in range(PROBED):
                trainer.advance()
            costs[stage.name] = (time.process_time() - begun) / PROBED
    return costs
