"""Row 2.12: the time of a step with distance covariance, compared with cross-covariance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from statistics import fmean, median
from typing import Any

import torch

from edgan.config import configure
from edgan.data import open_dataset
from edgan.methods import Shape
from edgan.models.device import resolve_device
from edgan.storage.run_folder import RunFolder
from edgan.training.distributed import World
from edgan.training.loop import Trainer
from reproduction.framework.machine import clock
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Check, Figure, above_zero, figure
from reproduction.paper2 import digits
from reproduction.paper2.faces import SCALES, SET, Scale, gathered, results_of

SETS = (digits.SET, SET)
KINDS = ("dcov", "xcov")
WARM = 4
MARGIN = 0.05
"""A step that takes at most this share longer counts as equal: the paper's differ by .5 and .8 %."""


TIMES: Mapping[str, Scale] = {
    **{name: scale for name, scale in SCALES.items() if name != "gpu"},
    "cpu": replace(SCALES["paper"], seeds=3, timed=20),
}
"""The paper's settings but for the seeds: the time of a step needs no training."""


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One unit per seed and data set."""
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
    """Step two trainings of CDNet in turn, one with each decorrelation, so that both see the same machine load.

    Returns:
        "dcov" and "xcov": median seconds per step; processor time on a CPU.
    """
    device = resolve_device(place.device)
    trainers = {kind: _trainer(unit, place, kind, device) for kind in KINDS}
    seconds: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for step in range(WARM + unit.options["steps"]):
        place.tick()
        # The first of a pair finds the caches in another state, so they take turns in that too.
        for kind in KINDS if step % 2 else KINDS[::-1]:
            begun = clock(device)
            trainers[kind].advance()
            seconds[kind].append(clock(device) - begun)
    return {kind: median(seconds[kind][WARM:]) for kind in KINDS}


def _trainer(unit: Unit, place: Place, kind: str, device: torch.device) -> Trainer:
    """A training past its first stage, which has one step. Images are mirrored, so soft targets cannot be cached."""
    options = unit.options
    own: dict[str, Any] = {"decorrelation.kind": kind, "classifier_steps": 1, "augment.flip": True}
    training = {name: value for name, value in options["training"].items() if name != "preset"}
    changes = {**options["set"], **training, **own}
    configuration = configure("cdnet", options["training"]["preset"], changes, seed=unit.seed)
    dataset = open_dataset(place.data[options["data"][0]], **configuration.data_options)
    method = configuration.build(Shape.of(dataset))
    folder = RunFolder(place.folder / "runs" / unit.key)
    trainer = Trainer(configuration, method, dataset, folder, World(0, 1, device))
    trainer.advance()
    return trainer


def protocol(scale: Scale) -> str:
    """How it is measured."""
    faces, handwritten = scale.training, scale.digits.training
    return (
        "Time of a step of CDNet after Enc_y's stage; dCov and XCov are trained in one process and stepped in turn, "
        f"median of {scale.timed} steps each; {scale.seeds} seeds. MNIST, {handwritten['size']} px, preset "
        f"{scale.digits.preset}; CelebA, {faces['size']} px, batch {faces['batch']}, preset {faces['preset']}. "
        "Processor time on a CPU. Images are mirrored at random, so that soft targets are computed at each step "
        "(Algorithm 1)."
    )


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """A step with dCov takes at most 5 % longer, on both sets."""
    checks: list[Check] = []
    figures: dict[str, Figure] = {}
    lines = []
    for name in SETS:
        timed = results_of(name, finals, outputs)
        for kind, words in zip(KINDS, ("dCov", "XCov"), strict=True):
            figures[f"ms per step with {words}, {name}"] = figure([1000 * seconds[kind] for seconds in timed])
        longer = [seconds["dcov"] / seconds["xcov"] - 1 for seconds in timed]
        figures[f"relative extra time of dCov, {name}"] = figure(longer)
        checks.append(
            above_zero(f"{name}: {MARGIN} minus the relative extra time of dCov", [MARGIN - x for x in longer])
        )
        ms = [figures[f"ms per step with {words}, {name}"].mean for words in ("dCov", "XCov")]
        lines.append(f"{name} {ms[0]:.0f} ms against {ms[1]:.0f} ms per step ({100 * fmean(longer):+.1f} %)")
    return Outcome("; ".join(lines), checks, figures)


BRIEF = (
    "{ms per step with dCov, mnist|.0f} against {ms per step with XCov, mnist|.0f} ms; "
    "{ms per step with dCov, celeba|.0f} against {ms per step with XCov, celeba|.0f} ms"
)
ROW = Row("2.12", protocol, units, judge, TIMES, brief=BRIEF, methods=("cdnet",))
