"""Rows 5.7 and 5.8: how steadily the family trains, by a measure that is one, and how long its steps take."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

import torch

from edgan.config import configure
from edgan.data import open_dataset
from edgan.methods import Shape
from edgan.metrics import instability, spread_over_seeds
from edgan.models.loading import resolve_device
from edgan.storage.run_folder import RunFolder
from edgan.training.distributed import World
from edgan.training.loop import Trainer
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, figure
from reproduction.paper5.variants import BEST, FULL, FULL_TAIL, KLS, PLAIN, TAIL, member_unit, protocol_of, units_of
from reproduction.units.translators import PIX2PIX, SCALES, Scale, by_model, less

TERMS = {"reconstruction": "the reconstruction loss", "discrimination": "D's loss"}
PAIRS = {BEST: TAIL, FULL: FULL_TAIL}
"""Without the tail module, and with it."""
TABLE2 = (PIX2PIX, *PLAIN, KLS)
PRINTED: Mapping[str, tuple[float, float]] = {
    PIX2PIX: (0.04, 6 + 41 / 60),
    "v1": (0.02, 11 + 45 / 60),
    "v2": (0.06, 10 + 38 / 60),
    "v3": (0.04, 16 + 51 / 60),
    FULL: (0.03, 27 + 28 / 60),
    KLS: (0.05, 13 + 43 / 60),
}
"""Table 2: "stability", hours."""
WARM, ROUNDS = 2, 6


def unsteady(results: Sequence[Mapping[str, Any]], term: str) -> list[float]:
    """The spread of a loss around its moving average, each seed's after the other."""
    return [instability(result["losses"][term]) for result in results]


def judge_tail(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.7: with the tail module both losses jump less about their moving averages."""
    results = by_model(finals, outputs)
    jumps = {term: {model: unsteady(own, term) for model, own in results.items()} for term in TERMS}
    checks: list[Check] = []
    for term, words in TERMS.items():
        for without, with_tail in PAIRS.items():
            values = less(jumps[term][without], jumps[term][with_tail])
            checks.append(above_zero(f"spread of {words} about its average: {without} less {with_tail}", values))
    figures = {f"spread of {TERMS[t]}, {m}": figure(v) for t, models in jumps.items() for m, v in models.items()}
    figures |= _over_seeds(results)
    one = jumps["discrimination"]
    line = "; ".join(f"{fmean(one[a]):.3f} without, {fmean(one[b]):.3f} with ({a})" for a, b in PAIRS.items())
    return Outcome(f"spread of D's loss {line}", checks, figures)


def _over_seeds(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Figure]:
    """One number for all seeds: it has no interval."""
    found = {}
    for term, words in TERMS.items():
        for model, own in results.items():
            value = spread_over_seeds([result["losses"][term] for result in own])
            found[f"spread of {words} over seeds, {model}"] = Figure(mean=value, low=None, high=None, values=(value,))
    return found


def timed_units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed the trainings of Table 2, and one unit that times a step of each."""
    finals = []
    for seed in range(scale.seeds):
        trainings = [member_unit(scale, keys["facades"], model, seed) for model in TABLE2]
        options = {model: one.options for model, one in zip(TABLE2, trainings, strict=True)}
        finals += [*trainings, Unit(f"time-seed-{seed}", time_steps, options, seed=seed)]
    return finals


def time_steps(unit: Unit, place: Place) -> dict[str, Any]:
    """Seconds a step of each model, the median of rounds in which all take turns, so that all meet the same machine.

    On a CPU these are processor seconds, for other work may go on beside it.
    """
    device = resolve_device(place.device)
    trainers = {model: _trainer(options, place, unit.seed, device) for model, options in unit.options.items()}
    times: dict[str, list[float]] = {model: [] for model in trainers}
    for _ in range(WARM + ROUNDS):
        for model, trainer in trainers.items():
            place.tick()
            times[model].append(_seconds(trainer, device))
    return {"seconds": {model: median(own[WARM:]) for model, own in times.items()}}


def _trainer(options: Mapping[str, Any], place: Place, seed: int, device: torch.device) -> Trainer:
    """A training of a unit's model that is stepped by hand and never saves."""
    training = dict(options["training"])
    preset = training.pop("preset")
    configuration = configure(options["method"], preset, options["set"], **training, seed=seed, device=str(device))
    dataset = open_dataset(place.data[options["data"][0]], **configuration.data_options)
    method = configuration.build(Shape.of(dataset))
    return Trainer(configuration, method, dataset, RunFolder("."), World(0, 1, device))


def _seconds(trainer: Trainer, device: torch.device) -> float:
    clock = time.process_time if device.type == "cpu" else time.perf_counter
    started = clock()
    trainer.advance()
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    return clock() - started


def judge_table2(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.8: the linked ones step more slowly than Pix2Pix, v4 the slowest; v1 and v4 train more steadily than it."""
    results = by_model([unit for unit in finals if "model" in unit.options], outputs)
    timed = [outputs[unit.key]["seconds"] for unit in finals if "model" not in unit.options]
    relative = {model: [seconds[model] / seconds[PIX2PIX] for seconds in timed] for model in TABLE2}
    jumps = {model: unsteady(own, "reconstruction") for model, own in results.items()}
    others = [model for model in TABLE2 if model not in (PIX2PIX, FULL)]
    slowest = max(others, key=lambda model: fmean(relative[model]))
    checks = [
        above_zero(f"time of a step, {model} less Pix2Pix, times Pix2Pix's", [ratio - 1 for ratio in relative[model]])
        for model in TABLE2
        if model != PIX2PIX
    ]
    checks.append(above_zero(f"time of a step, v4 less {slowest}", less(relative[FULL], relative[slowest])))
    checks += [
        above_zero(f"spread of the reconstruction loss, Pix2Pix less {model}", less(jumps[PIX2PIX], jumps[model]))
        for model in ("v1", FULL)
    ]
    figures = {f"time of a step, {model}, times Pix2Pix's": figure(values) for model, values in relative.items()}
    figures |= {f"spread of the reconstruction loss, {model}": figure(values) for model, values in jumps.items()}
    hours = PRINTED[PIX2PIX][1]
    figures |= {
        f"printed time of {model}, times Pix2Pix's": Figure(
            mean=own[1] / hours, low=None, high=None, values=(own[1] / hours,)
        )
        for model, own in PRINTED.items()
    }
    figures |= _over_seeds(results)
    line = ", ".join(f"{model} {fmean(relative[model]):.2f}" for model in TABLE2 if model != PIX2PIX)
    spreads = ", ".join(f"{model} {fmean(values):.3f}" for model, values in jumps.items())
    return Outcome(f"time of a step, times Pix2Pix's: {line}; spread of the loss: {spreads}", checks, figures)


DEFINED = (
    "The paper's stability is TensorBoard's smoothing coefficient, which is no measure. Ours is the standard deviation "
    "of a loss around its moving average over its mean size (edgan.metrics.instability), and over seeds "
    "(edgan.metrics.spread_over_seeds)"
)
ROWS = (
    Row(
        "5.7",
        protocol_of(f"{DEFINED}. Pairs of models that differ by the tail module alone."),
        units_of((BEST, TAIL, FULL, FULL_TAIL)),
        judge_tail,
        SCALES,
        methods=("uu-net",),
    ),
    Row(
        "5.8",
        protocol_of(f"{DEFINED}. A step's time is the median of {ROUNDS} rounds in which the models take turns."),
        timed_units,
        judge_table2,
        SCALES,
        methods=("pix2pix", "uu-net"),
    ),
)
