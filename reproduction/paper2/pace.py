"""Row 2.12: what a step with distance covariance costs beside one with cross-covariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from statistics import fmean, median
from typing import Any

import torch

from edgan.config import configure
from edgan.data import open_dataset
from edgan.methods import Shape
from edgan.models.loading import resolve_device
from edgan.storage.run_folder import RunFolder
from edgan.training.distributed import World
from edgan.training.loop import Trainer
from reproduction.machine import clock
from reproduction.paper2 import digits
from reproduction.paper2.faces import SCALES, SET, Scale, gathered, results_of
from reproduction.spec import Found, Outcome, Place, Row, Unit
from reproduction.verdicts import Check, Figure, above_zero, figure

SETS = (digits.SET, SET)
KINDS = ("dcov", "xcov")
WARM = 4
MARGIN = 0.05
"""A step that takes at most so much longer costs no more: the paper's differ by .5 and .8 %."""


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit a seed and set."""
    finals = []
    for seed in range(scale.seeds):
        timed = {name: _unit(name, seed, scale, keys[name]) for name in SETS}
        finals.append(gathered("pace", seed, timed))
    return finals


def _unit(name: str, seed: int, scale: Scale, key: str) -> Unit:
    if name == SET:
        settings = {**scale.set, **scale.settings.get("cdnet", {}), "attributes": list(scale.attributes)}
        training = {name: value for name, value in scale.training.items() if name != "steps"}
    else:
        settings = {**scale.digits.set, **scale.digits.settings.get("cdnet", {})}
        training = {**scale.digits.training, "preset": scale.digits.preset}
    options = {"data": [name, key], "training": training, "set": settings, "steps": scale.timed}
    return Unit(f"pace-{name}-seed-{seed}", measure, options, seed=seed)


def measure(unit: Unit, place: Place) -> dict[str, float]:
    """Train CDNet with both decorrelations at once, step by step in turns, so that both meet the same machine.

    Returns:
        "dcov" and "xcov": median seconds a step; processor time on a CPU, where others may be working too.
    """
    device = resolve_device(place.device)
    trainers = {kind: _trainer(unit, place, kind, device) for kind in KINDS}
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for step in range(WARM + unit.options["steps"]):
        place.tick()
        # Who goes first finds other things in the caches: they take turns in that too.
        for kind in KINDS if step % 2 else KINDS[::-1]:
            begun = clock(device)
            trainers[kind].advance()
            seconds[kind].append(clock(device) - begun)
    return {kind: median(seconds[kind][WARM:]) for kind in KINDS}


def _trainer(unit: Unit, place: Place, kind: str, device: torch.device) -> Trainer:
    """A training past its first stage: Enc_y has had its one step. Pictures are mirrored, so nothing is kept."""
    options = unit.options
    apart: dict[str, Any] = {"decorrelation.kind": kind, "classifier_steps": 1, "augment.flip": True}
    training = {name: value for name, value in options["training"].items() if name != "preset"}
    changes = {**options["set"], **training, **apart}
    configuration = configure("cdnet", options["training"]["preset"], changes, seed=unit.seed)
    dataset = open_dataset(place.data[options["data"][0]], **configuration.data_options)
    method = configuration.build(Shape.of(dataset))
    folder = RunFolder(place.folder / "runs" / unit.key)
    trainer = Trainer(configuration, method, dataset, folder, World(0, 1, device))
    trainer.advance()
    return trainer


def protocol(scale: Scale) -> str:
    """How it is measured."""
    one, other = scale.training, scale.digits.training
    return (
        f"Seconds a step of CDNet after Enc_y's stage, dCov and XCov trained in one process and stepped in turns, "
        f"median of {scale.timed} steps each; {scale.seeds} seeds. MNIST, {other['size']} px, preset "
        f"{scale.digits.preset}; CelebA, {one['size']} px, batch {one['batch']}, preset {one['preset']}. Processor "
        "time on a CPU. Pictures are mirrored at random, so that soft targets are computed at each step (Algorithm 1)."
    )


def judge(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """A step with dCov takes at most a twentieth longer, on both sets."""
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    lines = []
    for name in SETS:
        timed = results_of(name, finals, found)
        for kind, words in zip(KINDS, ("dCov", "XCov"), strict=True):
            figures[f"ms a step with {words}, {name}"] = figure([1000 * one[kind] for one in timed])
        longer = [one["dcov"] / one["xcov"] - 1 for one in timed]
        figures[f"dCov over XCov less 1, {name}"] = figure(longer)
        checks.append(above_zero(f"{name}: {MARGIN} less how much longer dCov takes", [MARGIN - x for x in longer]))
        ms = [figures[f"ms a step with {words}, {name}"].mean for words in ("dCov", "XCov")]
        lines.append(f"{name} {ms[0]:.0f} ms against {ms[1]:.0f} ms a step ({100 * fmean(longer):+.1f} %)")
    return Outcome("; ".join(lines), checks, figures)


ROW = Row("2.12", protocol, units, judge, SCALES, methods=("cdnet",))
