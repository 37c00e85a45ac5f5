"""Rows 5.7 and 5.8: how steadily the UU-Net family trains, and how long its steps take."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

import torch

from edgan.metrics import instability, spread_over_seeds
from edgan.models.device import resolve_device
from edgan.training.loop import Trainer
from reproduction.framework.machine import clock
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, differences, figure, single
from reproduction.paper5.variants import BEST, FULL, FULL_TAIL, KLS, PLAIN, TAIL, protocol_of, units_of, variant_unit
from reproduction.units.fresh_trainer import fresh_trainer
from reproduction.units.translators import PIX2PIX, SCALES, Scale, by_model

TERMS = {"reconstruction": "the reconstruction loss", "discrimination": "D's loss"}
PAIRS = {BEST: TAIL, FULL: FULL_TAIL}
"""Model without the tail module -> model with it."""
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
WARM_UP, ROUNDS = 2, 6


def unsteady(results: Sequence[Mapping[str, Any]], term: str) -> list[float]:
    """The spread of a loss around its moving average, one value for each seed."""
    return [instability(result["losses"][term]) for result in results]


def unsteady_error(model: str, results: Sequence[Mapping[str, Any]]) -> list[float]:
    """`unsteady` of the reconstruction's error: of Pix2Pix's L1, and of the root of the squared error of the others.

    A squared error fluctuates twice as much, relative to its mean, as the error itself.
    """
    losses = [result["losses"]["reconstruction"] for result in results]
    if model == PIX2PIX:
        return [instability(own) for own in losses]
    return [instability([math.sqrt(value) for value in own]) for own in losses]


def judge_tail(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.7: with the tail module the reconstruction loss varies less around its moving average.

    D's loss is shown and not judged: with the tail it is of one logit, without a mean over thousands, which is calmer
    for that reason alone.
    """
    results = by_model(finals, outputs)
    jumps = {term: {model: unsteady(own, term) for model, own in results.items()} for term in TERMS}
    spread = jumps["reconstruction"]
    checks: list[Check] = [
        above_zero(
            f"spread of the reconstruction loss: {without} minus {with_tail}",
            differences(spread[without], spread[with_tail]),
        )
        for without, with_tail in PAIRS.items()
    ]
    figures = {f"spread of {TERMS[t]}, {m}": figure(v) for t, models in jumps.items() for m, v in models.items()}
    figures |= _over_seeds(results)
    line = "; ".join(f"{a} {fmean(spread[a]):.3f}, with tail {fmean(spread[b]):.3f}" for a, b in PAIRS.items())
    return Outcome(f"spread of the reconstruction loss: {line}", checks, figures)


def _over_seeds(results: Mapping[str, Sequence[Mapping[str, Any]]]) -> dict[str, Figure]:
    """The spread over seeds: one number, without an interval."""
    figures = {}
    for term, words in TERMS.items():
        for model, own in results.items():
            value = spread_over_seeds([result["losses"][term] for result in own])
            figures[f"spread of {words} over seeds, {model}"] = single(value)
    return figures


def timed_units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed the trainings of Table 2, and a unit that times a step of each."""
    finals = []
    for seed in range(scale.seeds):
        trainings = [variant_unit(scale, keys["facades"], model, seed) for model in TABLE2]
        options = {model: training.options for model, training in zip(TABLE2, trainings, strict=True)}
        finals += [*trainings, Unit(f"time-seed-{seed}", time_steps, options, seed=seed)]
    return finals


def time_steps(unit: Unit, place: Place) -> dict[str, Any]:
    """Seconds per step of each model: the median of rounds in which all take turns, so that all see the same load.

    On a CPU these are processor seconds, which other processes do not disturb.
    """
    device = resolve_device(place.device)
    trainers = {model: fresh_trainer(options, place, unit.seed, device) for model, options in unit.options.items()}
    times: dict[str, list[float]] = {model: [] for model in trainers}
    for _ in range(WARM_UP + ROUNDS):
        for model, trainer in trainers.items():
            place.tick()
            times[model].append(_seconds(trainer, device))
    return {"seconds": {model: median(own[WARM_UP:]) for model, own in times.items()}}


def _seconds(trainer: Trainer, device: torch.device) -> float:
    started = clock(device)
    trainer.advance()
    return clock(device) - started


def judge_table2(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.8: linked variants step more slowly than Pix2Pix, v4 most; v1 and v4 train more steadily than Pix2Pix."""
    results = by_model([unit for unit in finals if "model" in unit.options], outputs)
    timed = [outputs[unit.key]["seconds"] for unit in finals if "model" not in unit.options]
    relative = {model: [seconds[model] / seconds[PIX2PIX] for seconds in timed] for model in TABLE2}
    jumps = {model: unsteady_error(model, own) for model, own in results.items()}
    others = [model for model in TABLE2 if model not in (PIX2PIX, FULL)]
    slowest = max(others, key=lambda model: fmean(relative[model]))
    checks = [
        above_zero(f"step time relative to Pix2Pix: {model} minus 1", [ratio - 1 for ratio in relative[model]])
        for model in TABLE2
        if model != PIX2PIX
    ]
    checks.append(
        above_zero(f"step time relative to Pix2Pix: v4 minus {slowest}", differences(relative[FULL], relative[slowest]))
    )
    checks += [
        above_zero(
            f"spread of the reconstruction's error: Pix2Pix minus {model}", differences(jumps[PIX2PIX], jumps[model])
        )
        for model in ("v1", FULL)
    ]
    figures = {f"step time relative to Pix2Pix, {model}": figure(values) for model, values in relative.items()}
    figures |= {f"spread of the reconstruction's error, {model}": figure(values) for model, values in jumps.items()}
    hours = PRINTED[PIX2PIX][1]
    figures |= {
        f"printed time relative to Pix2Pix, {model}": single(printed / hours) for model, (_, printed) in PRINTED.items()
    }
    figures |= _over_seeds(results)
    line = ", ".join(f"{model} {fmean(relative[model]):.2f}" for model in TABLE2 if model != PIX2PIX)
    spreads = ", ".join(f"{model} {fmean(values):.3f}" for model, values in jumps.items())
    return Outcome(f"step time relative to Pix2Pix: {line}; spread of the loss: {spreads}", checks, figures)


DEFINED = (
    "The paper's stability is TensorBoard's smoothing coefficient, which measures nothing. Ours is the standard "
    "deviation of a loss around its moving average, relative to its mean (edgan.metrics.instability), and over seeds "
    "(edgan.metrics.spread_over_seeds)"
)
TAIL_BRIEF = (
    "spread of the reconstruction loss {spread of the reconstruction loss, uuvae-gan-kl0.65|.2f} without, "
    "{spread of the reconstruction loss, uuvae-gan-tail-kl|.2f} with"
)
TABLE2_BRIEF = "v4 takes {step time relative to Pix2Pix, v4|.2f} times as long as Pix2Pix"
ROWS = (
    Row(
        "5.7",
        protocol_of(
            f"{DEFINED}. Pairs of models that differ only in the tail module, judged by the reconstruction "
            "loss: D's is of one logit with the tail and of a mean over thousands without."
        ),
        units_of((BEST, TAIL, FULL, FULL_TAIL)),
        judge_tail,
        SCALES,
        brief=TAIL_BRIEF,
        methods=("uu-net",),
    ),
    Row(
        "5.8",
        protocol_of(
            f"{DEFINED}. The reconstruction's error is Pix2Pix's L1 and the root of the others' squared error. A "
            f"step's time is the median of {ROUNDS} rounds in which the models take turns."
        ),
        timed_units,
        judge_table2,
        SCALES,
        brief=TABLE2_BRIEF,
        methods=("pix2pix", "uu-net"),
    ),
)
