"""Row 5.11: how the KL of D's code at translated pictures grows during the training (Section 5.3)."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Mapping, Sequence
from statistics import fmean
from typing import Any

import torch
from torch import Tensor

from edgan.losses import kl_to_standard_normal
from edgan.methods.common.posterior import posterior_log_variance, posterior_mean
from edgan.models.device import resolve_device
from edgan.routing import Forward
from edgan.storage import checkpoint
from edgan.storage.durable import write_bytes_atomic
from edgan.storage.run_folder import RunFolder
from edgan.training.progress import Progress
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import Figure, above_zero, figure
from reproduction.paper5.variants import BEST, protocol_of, variant_unit
from reproduction.units.fresh_trainer import fresh_trainer
from reproduction.units.training import go_on_training, run_of
from reproduction.units.translators import SCALES, Scale

TENTHS, FEW = 10, 3
KINDS = {"fake": "translated", "real": "real"}


def followed_units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """For each seed the training of the best network, whose KL is measured as it goes."""
    trained = (variant_unit(scale, keys["facades"], BEST, seed) for seed in range(scale.seeds))
    return [Unit(f"followed-{unit.seed}", follow, unit.options, seed=unit.seed) for unit in trained]


class _ReachedError(Exception):
    """The training passed the step at which it is to be measured."""


def follow(unit: Unit, place: Place) -> dict[str, Any]:
    """Train as the unit says and measure the KL of D's code from N(0, 1) after each tenth of the steps.

    Returns:
        "real" and "fake": the KL at the first batch's real and translated pictures, ten values each.
    """
    run = run_of(unit, place)
    steps, store = unit.options["training"]["steps"], run.path.with_suffix(".kl.json")
    found: dict[str, list[float]] = json.loads(store.read_text()) if store.exists() else {}
    for mark in [*(every_of(steps) * tenth for tenth in range(1, TENTHS)), steps]:
        if str(mark) in found:
            continue
        _train_to(mark, unit, place, run)
        found[str(mark)] = _kl_of_d(unit, place, run)
        write_bytes_atomic(store, json.dumps(found).encode())
    real, fake = zip(*found.values(), strict=True)
    return {"real": list(real), "fake": list(fake)}


def every_of(steps: int) -> int:
    """Steps from one measurement to the next."""
    return max(1, steps // TENTHS)


def _train_to(mark: int, unit: Unit, place: Place, run: RunFolder) -> None:
    """Train until there is a checkpoint of this step."""
    newest = checkpoint.newest(run.checkpoints)
    if newest is not None and newest[0].step >= mark:
        return

    def watch(progress: Progress) -> None:
        place.tick()
        if progress.step > mark:  # a step's checkpoint is written after it is watched
            raise _ReachedError

    with contextlib.suppress(_ReachedError):
        go_on_training(unit, place, watch, checkpoint_every=every_of(unit.options["training"]["steps"]))


def _kl_of_d(unit: Unit, place: Place, run: RunFolder) -> list[float]:
    """At real and at translated pictures, summed over components, the mean over a batch."""
    trainer = fresh_trainer(unit.options, place, unit.seed, resolve_device(place.device), run)
    trainer.resume()
    with torch.no_grad():
        forward = Forward(trainer.method.plan, trainer.networks, trainer.feed.inputs(0))
        return [float(kl_of(forward[tap][1])) for tap in ("judged_real", "judged_fake")]


def kl_of(posterior: Tensor) -> Tensor:
    """The mean KL from N(0, 1) of codes whose means and log variances are stacked, (N, 2 Z, s, s)."""
    return kl_to_standard_normal(posterior_mean(posterior), posterior_log_variance(posterior)).mean()


def judge_followed(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """5.11: D's KL at translated pictures is larger in the last tenths of the training than in the first."""
    grown: dict[str, list[float]] = {}
    figures: dict[str, Figure] = {}
    for kind, words in KINDS.items():
        curves = [outputs[unit.key][kind] for unit in finals]
        grown[kind] = [fmean(curve[-FEW:]) - fmean(curve[:FEW]) for curve in curves]
        for tenth in range(TENTHS):
            name = f"KL of D's code at {words} pictures after {tenth + 1} tenths"
            figures[name] = figure([curve[tenth] for curve in curves])
    checks = [above_zero("KL at translated pictures: last three tenths minus first three", grown["fake"])]
    line = (
        f"KL at translated pictures {fmean(grown['fake']):+.2f} from first to last, at real {fmean(grown['real']):+.2f}"
    )
    return Outcome(line, checks, figures)


ROW = Row(
    "5.11",
    protocol_of("After each tenth of the steps the KL of D's code is measured on the first batch of training pairs."),
    followed_units,
    judge_followed,
    SCALES,
    methods=("uu-net",),
)
