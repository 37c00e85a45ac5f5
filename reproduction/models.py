"""The two units that most rows are made of: a trained model with its pictures, and one seed's ranking."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

from edgan import api
from edgan.data import from_uint8, open_dataset
from edgan.metrics import nrds
from edgan.models.evaluation import similarity, variation
from edgan.models.inputs import split_inputs
from edgan.models.model import Model, Reconstruction
from edgan.models.sheet import to_uint8
from edgan.storage import checkpoint
from edgan.storage.durable import make_folder
from edgan.storage.run_folder import RunFolder
from edgan.training.loop import DivergedTrainingError
from reproduction.spec import TRAINED, Place, Unit

SPLITS = ("base", "residual", "output")
KEPT_EVERY = 500


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
        training: size, steps, batch and preset, as `edgan.train` takes them.
        set, route: settings and cells of the table that differ.
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
    """A training that has ended.

    Attributes:
        model: from its last checkpoint.
        run: the run's folder.
        steps: done.
        non_finite: how often a loss or weight was not finite.
        diverged: whether it had to end early.
    """

    model: Model
    run: RunFolder
    steps: int
    non_finite: int
    diverged: bool


def train_model(unit: Unit, place: Place) -> dict[str, Any]:
    """Train as the unit says, from its last checkpoint where there is one, and keep what it makes of the test split.

    Returns:
        "figures": of the test split; "non_finite": how often a loss or weight was not finite; "diverged": whether the
        training had to end early; "steps": done; `TRAINED`: seconds of training.
    """
    ended = trained(unit, place)
    real, made = draw_test_part(ended.model, place.data[unit.options["data"][0]])
    save_pictures(place.folder, unit, made)
    forget(ended)
    return {"figures": {**similarity(made, real), **variation(made, real)}, **course(ended)}


def trained(unit: Unit, place: Place) -> Trained:
    """Train as a unit of `train_unit` says, from its last checkpoint where there is one."""
    options, folder = unit.options, RunFolder(place.folder / "runs" / unit.key)
    steps = options["training"]["steps"]
    seldom = dict.fromkeys(("evaluate_every", "preview_every"), steps)
    every = {"checkpoint_every": min(KEPT_EVERY, max(1, steps // 4)), **seldom}
    diverged = False
    try:
        api.train(
            options["method"],
            place.data[options["data"][0]],
            folder.path,
            **options["training"],
            device=place.device,
            seed=unit.seed,
            set={**every, **options["set"]},
            route=options["route"],
            resume=True,
            watch=place.tick,
            report=False,
        )
    except DivergedTrainingError:
        diverged = True
    newest = checkpoint.newest(folder.checkpoints)
    assert newest is not None  # a training saves its first state before its first step
    last = newest[0]
    bad = int(last.state["rollbacks"]) + int(diverged)
    return Trained(api.load(folder.path, place.device), folder, last.step, bad, diverged)


def course(ended: Trained) -> dict[str, Any]:
    """How a training went, as JSON can hold it."""
    return {
        "non_finite": ended.non_finite,
        "diverged": ended.diverged,
        "steps": ended.steps,
        TRAINED: ended.run.seconds(),
    }


def forget(ended: Trained) -> None:
    """Remove the checkpoints: a hundred trainings fill a disk, and the pictures are what the rankings read."""
    shutil.rmtree(ended.run.checkpoints, ignore_errors=True)


def rank_unit(name: str, models: Mapping[str, Unit], *, seed: int, settings: Mapping[str, Any]) -> Unit:
    """A unit that ranks models by their pictures of the test split, against the real ones.

    Args:
        name: for people.
        models: trainings of the same set, by the name that the ranking gives them.
        seed: of the discriminators, and that of the trainings.
        settings: of `edgan.metrics.nrds`: protocol, seeds, epochs.
    """
    options = {"models": list(models), "settings": dict(settings)}
    return Unit(name, rank_models, options, needs=tuple(models.values()), seed=seed)


def rank_models(unit: Unit, place: Place) -> dict[str, Any]:
    """Rank the outputs of the models that the unit needs; returns what `NRDS.to_dict` holds but the curves."""
    models = dict(zip(unit.options["models"], unit.needs, strict=True))
    pictures = {name: load_pictures(place.folder, one)["output"] for name, one in models.items()}
    return ranked(real_of(unit.needs[0], place), pictures, unit, place)


def ranked(real: Tensor, pictures: Mapping[str, Tensor], unit: Unit, place: Place) -> dict[str, Any]:
    """NRDS of sets of pictures, each (N, C, H, W) in [-1, 1], with the unit's settings and seed."""
    settings = unit.options["settings"]
    device = "cuda" if place.device in ("auto", "cuda") and torch.cuda.is_available() else "cpu"
    found = nrds(real, pictures, seed=unit.seed, device=device, progress=place.tick, **settings).to_dict()
    return {name: value for name, value in found.items() if not name.endswith(("curve", "curves"))}


def real_of(trained: Unit, place: Place) -> Tensor:
    """The real images of the test split that a training's pictures stand beside."""
    options = trained.options
    return real_images(place.data[options["data"][0]], options["training"]["size"])


def real_images(path: Path, size: int) -> Tensor:
    """The test split of a set, (N, C, size, size) in [-1, 1]."""
    dataset = open_dataset(path, size=size)
    where = dataset.indices("test")
    return from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[where])))


def draw_test_part(model: Model, path: Path) -> tuple[Tensor, Reconstruction]:
    """The real images of the test split, and what a model makes of it: it reconstructs, or translates the sources."""
    dataset = open_dataset(path, size=model.size, channels=model.channels, attributes=model.shape.attributes or None)
    fields = split_inputs(dataset, "test").fields
    return fields["image"], model.redraw(fields)


def save_pictures(folder: Path, unit: Unit, made: Reconstruction) -> None:
    """Keep what a training made of the test split: the output in bytes, as saving it would, its parts in halves."""
    path = _pictures_path(folder, unit)
    make_folder(path.parent)
    parts = {name: getattr(made, name).half().numpy() for name in ("base", "residual")}
    np.savez(path, output=to_uint8(made.output).numpy(), **parts)


def load_pictures(folder: Path, unit: Unit) -> dict[str, Tensor]:
    """ "output" (N, C, H, W) in [-1, 1], "base" clipped to it, and "residual"."""
    with np.load(_pictures_path(folder, unit)) as file:
        return {
            "output": from_uint8(torch.from_numpy(file["output"])),
            "base": torch.from_numpy(file["base"]).float().clamp(-1, 1),
            "residual": torch.from_numpy(file["residual"]).float(),
        }


def _pictures_path(folder: Path, unit: Unit) -> Path:
    return folder / "pictures" / f"{unit.key}.npz"
