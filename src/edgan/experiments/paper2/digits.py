"""Row 2.4: an edited digit changes its class and keeps its style."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import fmean
from typing import Any

import numpy as np
import torch
from torch import Tensor

from edgan import api
from edgan.data import Dataset, from_uint8, open_dataset
from edgan.experiments.models import KEPT_EVERY
from edgan.experiments.spec import Found, Outcome, Place, Row, Unit
from edgan.experiments.verdicts import above_zero, figure
from edgan.metrics import psnr, taught_reader

READ, KEPT = 0.9, 0.3


@dataclass(frozen=True)
class Scale:
    """How large the row is."""

    seeds: int
    steps: int
    preset: str
    images: int
    reader_steps: int
    set: Mapping[str, Any] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=lambda: {"size": 28})


SCALES = {
    "toy": Scale(
        2,
        4,
        "small-digits",
        30,
        5,
        {"network.width": 4, "network.hidden": [8], "classifier_steps": 2, "batch": 8},
    ),
    "small": Scale(3, 3000, "small-digits", 1000, 1200),
    "paper": Scale(3, 150_000, "paper-digits", 10_000, 5000),
}


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"MNIST, preset {scale.preset}, {scale.steps:,} steps, {scale.seeds} seeds. {scale.images:,} test digits are "
        "edited to each other class: the share that a classifier taught apart reads as the asked class; and style as "
        "the correlation of ink and of slant before and after."
    )


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One training a seed."""
    options = {
        "key": keys["mnist"],
        "steps": scale.steps,
        "preset": scale.preset,
        "set": dict(scale.set),
        "images": scale.images,
        "reader_steps": scale.reader_steps,
    }
    return [Unit(f"digits-seed-{seed}", train_and_edit, options, seed=seed) for seed in range(scale.seeds)]


def train_and_edit(unit: Unit, place: Place) -> dict[str, float]:
    """Train, edit, and have the edits read: "read", "ink", "slant", "psnr"."""
    options, path = unit.options, place.data["mnist"]
    steps = options["steps"]
    every = {"checkpoint_every": min(KEPT_EVERY, max(1, steps // 4)), "evaluate_every": steps, "preview_every": steps}
    run = api.train(
        "cdnet",
        path,
        place.folder / "runs" / unit.key,
        preset=options["preset"],
        steps=steps,
        device=place.device,
        seed=unit.seed,
        set={**every, **options["set"]},
        resume=True,
        watch=place.tick,
        report=False,
    )
    model = run.load(place.device)
    dataset = open_dataset(path, size=model.size, channels=model.channels)
    assert dataset.label is not None
    read = _reader(dataset, options["reader_steps"], unit.seed)
    test = dataset.indices("test")[: options["images"]]
    images, label = from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[test]))), dataset.label[test]
    right, ink, slant = [], [], []
    for number, name in enumerate(dataset.label_names):
        place.tick()
        others = torch.from_numpy(label != number)
        if not others.any():
            continue
        edited = model.edit(images[others], {name: 1.0}).clamp(-1, 1)
        right.append(float((read(edited).argmax(1) == number).float().mean()))
        ink.append(_correlation(_ink(images[others]), _ink(edited)))
        slant.append(_correlation(_slant(images[others]), _slant(edited)))
    made = model.reconstruct(images).output.clamp(-1, 1)
    return {"read": fmean(right), "ink": fmean(ink), "slant": fmean(slant), "psnr": float(psnr(made, images))}


def _reader(dataset: Dataset, steps: int, seed: int) -> Any:
    assert dataset.label is not None
    train = dataset.indices("train")
    one_hot = np.eye(len(dataset.label_names), dtype=np.float32)[dataset.label[train]]
    return taught_reader(np.ascontiguousarray(dataset.images[train]), one_hot, steps=steps, seed=seed, flip=False)


def _ink(images: Tensor) -> np.ndarray:
    """(N,) how much is written."""
    return (images.double() + 1).flatten(1).mean(1).numpy()


def _slant(images: Tensor) -> np.ndarray:
    """(N,) the shear of the strokes: covariance of row and column over the variance of the row, weighted by ink."""
    weight = (images.double() + 1).sum(1).clamp_min(1e-9)
    weight = weight / weight.sum((1, 2), keepdim=True)
    side = torch.arange(images.shape[-1], dtype=torch.float64)
    y, x = torch.meshgrid(side, side, indexing="ij")
    down = y - (weight * y).sum((1, 2), keepdim=True)
    right = x - (weight * x).sum((1, 2), keepdim=True)
    return ((weight * down * right).sum((1, 2)) / (weight * down**2).sum((1, 2)).clamp_min(1e-9)).numpy()


def _correlation(one: np.ndarray, other: np.ndarray) -> float:
    if len(one) < 2 or one.std() == 0 or other.std() == 0:
        return 0.0
    return float(np.corrcoef(one, other)[0, 1])


def judge(_scale: Scale, finals: Sequence[Unit], found: Found) -> Outcome:
    """Nine in ten are read as asked, and ink and slant stay correlated."""
    each = {name: [found[unit.key][name] for unit in finals] for name in ("read", "ink", "slant", "psnr")}
    checks = [
        above_zero(f"share read as the asked class, above {READ}", [value - READ for value in each["read"]]),
        above_zero(f"correlation of ink before and after, above {KEPT}", [value - KEPT for value in each["ink"]]),
        above_zero(f"correlation of slant before and after, above {KEPT}", [value - KEPT for value in each["slant"]]),
    ]
    names = {"read": "read as asked", "ink": "ink", "slant": "slant", "psnr": "PSNR, dB"}
    figures = {names[name]: figure(values) for name, values in each.items()}
    line = f"{fmean(each['read']):.3f} read as asked; ink {fmean(each['ink']):.2f}, slant {fmean(each['slant']):.2f}"
    return Outcome(line, checks, figures)


ROW = Row("2.4", protocol, units, judge, SCALES, methods=("cdnet",))
