"""Units that train a model and draw the test split with it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from torch import Tensor

import edgan
from edgan.data import open_dataset
from edgan.models.evaluation import similarity, variation
from edgan.models.inputs import split_inputs
from edgan.models.model import Model
from edgan.models.reconstruction import Reconstruction
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.training.ending import DivergedTrainingError
from edgan.training.progress import Progress
from reproduction.framework.loss_fall import fall_of_loss
from reproduction.framework.schema import FALL, TRAINED_SECONDS, Place, Unit
from reproduction.units.pictures import save_pictures

CHECKPOINT_EVERY = 500
"""Steps between checkpoints, at most."""
FALLING = {"optimiser.linear_from": 0.0}
"""Settings of a training whose learning rates fall to 0 from the first step: in equal steps, losses end lower."""


def rarely(steps: int) -> dict[str, int]:
    """Settings of a training of this many steps: it saves often enough to resume, and never stops to evaluate."""
    checkpoint_every = min(CHECKPOINT_EVERY, max(1, steps // 4))
    return {"checkpoint_every": checkpoint_every, "evaluate_every": steps, "preview_every": steps}


def drop_if_discarded(run: RunFolder) -> None:
    """Remove a run whose checkpoints were discarded, so that it is trained again.

    A unit discards them at its end. One that was stopped after that, before its output was stored, has to start again.
    """
    if run.path.exists() and checkpoint.newest(run.checkpoints) is None:
        shutil.rmtree(run.path)


def train_unit(
    name: str,
    method: str,
    *,
    seed: int,
    data: tuple[str, str],
    training: Mapping[str, Any],
    set: Mapping[str, Any],
    route: Mapping[str, Any] | None = None,
) -> Unit:
    """A unit that trains a model and draws the test split with it.

    Args:
        name: for people.
        method: of `edgan methods`.
        seed: of the training.
        data: the set's name and its key.
        training: size, steps, batch and preset, as in `edgan.train`.
        set, route: settings and cells of the table that differ from the preset's.
    """
    options = {
        "method": method,
        "data": list(data),
        "training": dict(training),
        "set": dict(set),
        "route": {cell: str(weight) for cell, weight in (route or {}).items()},
    }
    return Unit(name, train_model, options, seed=seed)


@dataclass(frozen=True)
class Trained:
    """A finished training.

    Attributes:
        model: from its last checkpoint.
        run: the run's folder.
        steps: done.
        non_finite: how often a loss or weight was not finite.
        diverged: whether it ended early because of that.
    """

    model: Model
    run: RunFolder
    steps: int
    non_finite: int
    diverged: bool


def train_model(unit: Unit, place: Place) -> dict[str, Any]:
    """Train as the unit says, resuming from its last checkpoint, and store the model's pictures of the test split.

    Returns:
        "figures" of the test split, and all of `progress_of`.
    """
    ended = finish_training(unit, place)
    real, made = draw_test_split(ended.model, place.data[unit.options["data"][0]])
    save_pictures(place.folder, unit, made)
    discard_checkpoints(ended)
    return {"figures": {**similarity(made, real), **variation(made, real)}, **progress_of(ended)}


def run_of(unit: Unit, place: Place) -> RunFolder:
    """The run of a training."""
    return RunFolder(place.folder / "runs" / unit.key)


def go_on_training(unit: Unit, place: Place, watch: Callable[[Progress], None], **changes: Any) -> None:
    """Train as a unit of `train_unit` says, from its last checkpoint on; `changes` of settings add to the unit's."""
    options, run = unit.options, run_of(unit, place)
    drop_if_discarded(run)
    edgan.train(
        options["method"],
        place.data[options["data"][0]],
        run.path,
        **options["training"],
        device=place.device,
        precision="float32",
        seed=unit.seed,
        set={**rarely(options["training"]["steps"]), **options["set"], **changes},
        route=options["route"],
        resume=True,
        watch=watch,
        report=False,
    )


def finish_training(unit: Unit, place: Place) -> Trained:
    """Train as a unit of `train_unit` says, resuming from its last checkpoint."""
    folder = run_of(unit, place)
    diverged = False
    try:
        go_on_training(unit, place, place.tick)
    except DivergedTrainingError:
        diverged = True
    newest = checkpoint.newest(folder.checkpoints)
    assert newest is not None  # a training saves its first state before its first step
    last = newest[0]
    bad = int(last.state["rollbacks"]) + int(diverged)
    return Trained(edgan.load(folder.path, place.device, "newest"), folder, last.step, bad, diverged)


def progress_of(ended: Trained) -> dict[str, Any]:
    """How a training went.

    Returns:
        "non_finite": how often a loss or weight was not finite; "diverged": whether the training ended early because of
        it; "steps": done; `TRAINED_SECONDS`; `FALL`.
    """
    return {
        "non_finite": ended.non_finite,
        "diverged": ended.diverged,
        "steps": ended.steps,
        TRAINED_SECONDS: ended.run.seconds(),
        FALL: fall_of_loss(ended.run.read_log()),
    }


def discard_checkpoints(ended: Trained) -> None:
    """Delete the checkpoints: those of a hundred trainings fill a disk, and rankings read only the pictures."""
    shutil.rmtree(ended.run.checkpoints, ignore_errors=True)


def draw_test_split(model: Model, path: Path) -> tuple[Tensor, Reconstruction]:
    """The real images of the test split, and a model's reconstructions, or its translations of the sources."""
    attributes = model.shape.attributes or None
    dataset = open_dataset(path, size=model.size, channels=model.channels, attributes=attributes, crop=model.crop.text)
    fields = split_inputs(dataset, "test").fields
    return fields["image"], model.redraw(fields)
