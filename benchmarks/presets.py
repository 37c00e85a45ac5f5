"""Compare a method's preset `small` with its preset `quick` at equal processor time, on held-out pictures.

    python -m benchmarks.presets METHOD --data DATA --out OUT [--seconds 240] [--seeds 0 1 2] [--size 64] [--split test]

A short probe measures the processor seconds of a step in every stage of each preset, and gives the most steps that cost
SECONDS. Rates and stages of `quick` follow from that number. Each preset is trained with every seed into
OUT/PRESET-SEED; a training that is there already is taken as it is. Of each seed OUT/sheet-SEED.png shows rows of the
old preset, the new one and the originals; a translator's begin with the sources, and of a model that only samples the
rows are not pairs. The figures go to results/bench-presets-METHOD.json: those of `edgan evaluate` without its figures
of edits, of the last step and at most 300 images; the periodic peak of the pictures and of the originals; and NRDS
(robust) between the two presets.

Processor seconds are those of the whole training: reading the data and evaluating at half and at the end belong to it.
"""

from __future__ import annotations

import argparse
import json
import os
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import edgan
from edgan.api.evaluation import data_for
from edgan.config import Configuration, configure
from edgan.data import Dataset, open_dataset
from edgan.data.classes import paint
from edgan.methods import Shape
from edgan.metrics import nrds
from edgan.metrics.spectra.periodic_peak import PEAK_MIN_IMAGES, PEAK_MIN_SIDE, periodic_peak
from edgan.models.chunks import CHUNK
from edgan.models.feature_figures import drawn
from edgan.models.inputs import fields_of
from edgan.models.model import Model
from edgan.models.running_figures import RunningFigures
from edgan.models.sheet import sheet
from edgan.routing import Plan
from edgan.storage.durable import write_json_atomic
from edgan.storage.run_folder import RunFolder
from edgan.training.distributed import World
from edgan.training.loop import Trainer

RESULTS = Path(__file__).parents[1] / "results"
OLD, NEW = "small", "quick"
PRESETS = (OLD, NEW)
UNTIMED, PROBED = 3, 16
"""Steps of a stage that a probe leaves out and measures: a period of the lazy R1 penalty."""
ROUND = 10
"""Numbers of steps are multiples of this."""
SHOWN, MOST = 10, 300
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
        out: folder of the trainings and the sheets.
        settings: dotted settings of both presets, such as attributes.
    """

    method: str
    data: str
    size: int
    seconds: float
    out: Path
    settings: Mapping[str, Any] = field(default_factory=dict)

    def configuration(self, preset: str, **named: Any) -> Configuration:
        """The configuration of a training on the CPU."""
        return configure(self.method, preset, {**self.settings, "device": "cpu"}, size=self.size, **named)


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


def trained(wanted: Wanted, preset: str, seed: int, steps: int) -> dict[str, Any]:
    """Train unless it was done before; the number of steps and the processor seconds."""
    run = wanted.out / f"{preset}-{seed}"
    note = run.with_name(f"{run.name}.json")
    if not note.exists():
        half = max(1, steps // 2)
        settings = {**wanted.settings, **dict.fromkeys(("evaluate_every", "preview_every", "checkpoint_every"), half)}
        begun = time.process_time()
        edgan.train(
            wanted.method,
            wanted.data,
            run,
            size=wanted.size,
            steps=steps,
            preset=preset,
            seed=seed,
            device="cpu",
            set=settings,
            report=False,
            quiet=True,
        )
        write_json_atomic(note, {"steps": steps, "processor_seconds": round(time.process_time() - begun, 1)})
    written: dict[str, Any] = json.loads(note.read_text())
    return written


def measured(model: Model, dataset: Dataset, split: str) -> tuple[dict[str, float], Tensor, Tensor]:
    """The figures of `edgan evaluate` but for edits, of at most 300 images of a split.

    Returns:
        The figures; what the model draws, clipped, and the images: (N, C, H, W) in [-1, 1] both.
    """
    where = dataset.indices(split)[:MOST]
    residuals = "residual" in model.method.plan.tap
    running = RunningFigures(model.size, residuals=residuals and model.redraws, paired=model.redraws)
    outputs, images = [], []
    for first in range(0, len(where), CHUNK):
        fields = fields_of(dataset.batch(where[first : first + CHUNK]))
        if model.redraws:
            made = model.redraw(fields, first)
            running.add(made, fields["image"])
            outputs.append(made.output.clamp(-1, 1))
        else:
            outputs.append(drawn(model, fields, first).clamp(-1, 1))
            running.add_pictures({"output": outputs[-1]}, fields["image"])
        images.append(fields["image"])
    return running.figures(), torch.cat(outputs), torch.cat(images)


def compared(wanted: Wanted, seed: int, split: str, steps: Mapping[str, int]) -> dict[str, Any]:
    """The figures of both presets with one seed; draws the sheet."""
    result: dict[str, Any] = {"seed": seed}
    outputs: dict[str, Tensor] = {}
    for preset in PRESETS:
        spent = trained(wanted, preset, seed, steps[preset])
        run = wanted.out / f"{preset}-{seed}"
        model = edgan.load(run, "cpu", "newest")
        dataset = data_for(run, model, wanted.data)
        figures, outputs[preset], real = measured(model, dataset, split)
        result[preset] = spent | figures | _peak("periodic_peak", outputs[preset])
    source = fields_of(dataset.batch(dataset.indices(split)[:SHOWN])).get("source")
    rows = [] if source is None else [paint(source)]
    rows += [outputs[OLD][:SHOWN], outputs[NEW][:SHOWN], real[:SHOWN]]
    sheet(rows, scale=max(1, 128 // wanted.size)).save(wanted.out / f"sheet-{seed}.png")
    ranked = nrds(real, outputs, protocol="robust", seed=seed)
    return result | {
        "images": len(real),
        **_peak("periodic_peak_of_originals", real),
        "nrds": {
            preset: {
                "score": ranked.scores[preset],
                "interval": ranked.intervals[preset],
                "area": ranked.areas[preset],
            }
            for preset in PRESETS
        },
        "nrds_real_area": ranked.real_area,
        "nrds_protocol": ranked.protocol,
    }


def _peak(name: str, images: Tensor) -> dict[str, float]:
    """The periodic peak by name; nothing for pictures that are too few or too small."""
    enough = len(images) >= PEAK_MIN_IMAGES and images.shape[-1] >= PEAK_MIN_SIDE
    return {name: periodic_peak(images).ratio} if enough else {}


def main() -> None:
    """Probe, train, measure, write."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.presets", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("method")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--seconds", type=float, default=240)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2])
    parser.add_argument("--size", type=int, default=64)
    parser.add_argument("--split", choices=("val", "test"), default="test")
    parser.add_argument("--set", nargs="+", default=[], metavar="KEY=VALUE", help="settings of both presets")
    arguments = parser.parse_args()
    settings = dict(assignment.split("=", 1) for assignment in arguments.set)
    wanted = Wanted(
        arguments.method, arguments.data, arguments.size, arguments.seconds, arguments.out.resolve(), settings
    )
    wanted.out.mkdir(parents=True, exist_ok=True)
    missing = {preset for preset in PRESETS for seed in arguments.seeds if not _done(wanted, preset, seed)}
    steps = {preset: steps_for(wanted, preset) if preset in missing else 0 for preset in PRESETS}
    seeds = [compared(wanted, seed, arguments.split, steps) for seed in arguments.seeds]
    result = {
        "method": wanted.method,
        "data": Path(wanted.data).name,
        "split": arguments.split,
        "size": wanted.size,
        "settings": dict(wanted.settings),
        "seeds": seeds,
        "made_with": {"threads": torch.get_num_threads(), "cores": os.cpu_count(), "torch": torch.__version__},
    }
    name = wanted.method.replace("//", "-twin")
    write_json_atomic(RESULTS / f"bench-presets-{name}.json", result)
    for seed_result in seeds:
        print(json.dumps(seed_result, indent=1))


def _done(wanted: Wanted, preset: str, seed: int) -> bool:
    return (wanted.out / f"{preset}-{seed}.json").exists()


if __name__ == "__main__":
    main()
