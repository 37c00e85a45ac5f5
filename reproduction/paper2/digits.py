"""The trainings on digits, and row 2.4: an edited digit changes its class and keeps its style."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from statistics import fmean
from typing import Any

import numpy as np
import torch
from torch import Tensor

import edgan
from edgan.data import Dataset, from_uint8, open_dataset
from edgan.metrics import ms_ssim, trained_reader
from edgan.models.evaluation import similarity
from edgan.models.model import Model
from reproduction.framework.gates import EARLIER
from reproduction.framework.loss_fall import fall_of_loss
from reproduction.framework.schema import FALL, Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import above_zero, figure
from reproduction.units.training import FALLING, drop_if_discarded, rarely, run_of

SET = "mnist"
READ, KEPT = 0.9, 0.3
"""Least share of edits read as the requested class, and least correlation of ink and slant."""


@dataclass(frozen=True)
class Scale:
    """How large the row is.

    Attributes:
        seeds: trainings of each model.
        steps, preset, training: as in `edgan.train`; training holds the size.
        images: number of test digits that are edited and reconstructed.
        reader_steps: steps of the classifier's training.
        set: settings that differ from the preset's; settings: further ones, by method.
        compared: whether `steps` counts the compared stage alone, and a method's earlier one is trained on top of it.
    """

    seeds: int
    steps: int
    preset: str
    images: int
    reader_steps: int
    set: Mapping[str, Any] = field(default_factory=dict)
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    training: Mapping[str, Any] = field(default_factory=lambda: {"size": 28})
    compared: bool = False


def earlier_stages(steps: int, classifier: int = 300) -> dict[str, dict[str, int]]:
    """Steps of the stages before the compared one: CDNet's attribute encoder, and IcGAN's GAN, as long as the rest."""
    return {"cdnet": {"classifier_steps": classifier}, "icgan": {"gan_steps": steps}}


SCALES = {
    "toy": Scale(
        2,
        4,
        "small-digits",
        30,
        5,
        {"network.width": 4, "network.hidden": [8], "batch": 8},
        {"cdnet": {"classifier_steps": 2}, "icgan": {"gan_steps": 2}},
    ),
    # The preset is made for 3,000 steps of 100 digits; its warm-up and decays shrink with the steps.
    "small": Scale(
        3,
        800,
        "small-digits",
        1000,
        400,
        {"batch": 50},
        {
            "cdnet": {"classifier_steps": 200, "decorrelation.over": 150, "optimiser.decay_at": [350, 500]},
            "icgan": {"gan_steps": 500},
        },
    ),
    "cpu": Scale(
        3,
        1500,
        "small-digits",
        1000,
        400,
        {**FALLING, "optimiser.decay_at": []},
        earlier_stages(1500),
        compared=True,
    ),
    "paper": Scale(3, 150_000, "paper-digits", 10_000, 5000),
}
EDITED: Mapping[str, Scale] = {
    **{name: scale for name, scale in SCALES.items() if name != "cpu"},
    # One model alone is trained for as long as its preset is made for.
    "small": replace(SCALES["small"], steps=3000, reader_steps=1200, set={}, settings={}),
}
MODELS: dict[str, tuple[str, dict[str, Any]]] = {
    "CDNet-dCov": ("cdnet", {}),
    "CDNet-XCov": ("cdnet", {"decorrelation.kind": "xcov"}),
    "AE-XCov": ("ae-xcov", {}),
    "IcGAN": ("icgan", {}),
    "VAE/GAN": ("vae-gan", {}),
}


def training_words(scale: Scale) -> str:
    """A summary of the trainings for protocols."""
    groups = [scale.set, *scale.settings.values()]
    differing = ", ".join(f"{name}={value}" for settings in groups for name, value in settings.items())
    with_them = f" with {differing}" if differing else ""
    return f"MNIST, preset {scale.preset}{with_them}, {scale.steps:,} {step_words(scale)}, {scale.seeds} seeds"


def step_words(scale: Scale) -> str:
    """What a scale's steps are called: all of a training's, or those of its compared stage."""
    return "autoencoder steps, a method's earlier stage on top" if scale.compared else "steps"


def all_steps(scale: Any, steps: int, settings: Mapping[str, Any]) -> int:
    """The steps of a training whose settings may name an earlier stage."""
    return steps + sum(int(settings.get(name, 0)) for name in EARLIER) if scale.compared else steps


def protocol(scale: Scale) -> str:
    """How it is measured."""
    return (
        f"{training_words(scale)}. {scale.images:,} test digits are edited to each other class. Measured: the share "
        "that a separately trained classifier reads as the requested class, and, for style, the correlation of ink "
        "and of slant before and after the edit."
    )


def units(scale: Scale, keys: Mapping[str, str]) -> list[Unit]:
    """One training per seed."""
    return [digit_unit("CDNet-dCov", seed, scale, keys[SET]) for seed in range(scale.seeds)]


def digit_unit(name: str, seed: int, scale: Scale, key: str) -> Unit:
    """The unit that trains one of `MODELS` on digits."""
    method, settings = MODELS[name]
    differing = {**scale.set, **scale.settings.get(method, {}), **settings}
    options = {
        "method": method,
        "key": key,
        "steps": all_steps(scale, scale.steps, differing),
        "preset": scale.preset,
        "set": differing,
        "images": scale.images,
        "reader_steps": scale.reader_steps,
    }
    return Unit(f"digits-{plain(name)}-seed-{seed}", train_and_edit, options, seed=seed)


def plain(name: str) -> str:
    """A model's name in the form of a file name."""
    return name.lower().replace("/", "-").replace(" ", "-")


def train_and_edit(unit: Unit, place: Place) -> dict[str, Any]:
    """Train a model and edit digits: "read", "ink" and "slant" of edits, "figures" of reconstructions, `FALL`."""
    options, path = unit.options, place.data[SET]
    steps, folder = options["steps"], run_of(unit, place)
    drop_if_discarded(folder)
    run = edgan.train(
        options["method"],
        path,
        folder.path,
        preset=options["preset"],
        steps=steps,
        device=place.device,
        precision="float32",
        seed=unit.seed,
        set={**rarely(steps), **options["set"]},
        resume=True,
        watch=place.tick,
        report=False,
    )
    model = run.load(place.device, "newest")
    dataset = open_dataset(path, size=model.size, channels=model.channels, crop=model.crop.text)
    assert dataset.label is not None
    read = class_reader(dataset, options["reader_steps"], unit.seed)
    test = dataset.indices("test")[: options["images"]]
    images, label = from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[test]))), dataset.label[test]
    right, ink, slant = [], [], []
    for number, others, edited in edits_to_others(model, images, label, dataset.label_names):
        place.tick()
        right.append(float((read(edited).argmax(1) == number).float().mean()))
        ink.append(_correlation(_ink(images[others]), _ink(edited)))
        slant.append(_correlation(_slant(images[others]), _slant(edited)))
    made = model.reconstruct(images)
    figures = {**similarity(made, images), "ms_ssim_output": float(ms_ssim(made.output.clamp(-1, 1), images))}
    shutil.rmtree(folder.checkpoints, ignore_errors=True)
    fall = fall_of_loss(folder.read_log())
    return {"read": fmean(right), "ink": fmean(ink), "slant": fmean(slant), "figures": figures, FALL: fall}


def edits_to_others(
    model: Model, images: Tensor, label: np.ndarray, names: Sequence[str]
) -> Iterator[tuple[int, Tensor, Tensor]]:
    """For each class: its number, a mask (N,) of the images of other classes, and these edited to it, in [-1, 1]."""
    for number, name in enumerate(names):
        others = torch.from_numpy(label != number)
        if others.any():
            yield number, others, model.edit(images[others], {name: 1.0}).clamp(-1, 1)


def class_reader(dataset: Dataset, steps: int, seed: int) -> Callable[[Tensor], Tensor]:
    """A classifier trained on the training split: images in [-1, 1] -> (N, classes) scores."""
    assert dataset.label is not None
    train = dataset.indices("train")
    one_hot = np.eye(len(dataset.label_names), dtype=np.float32)[dataset.label[train]]
    return trained_reader(np.ascontiguousarray(dataset.images[train]), one_hot, steps=steps, seed=seed, flip=False)


def _ink(images: Tensor) -> np.ndarray:
    """The amount of ink, (N,)."""
    return (images.double() + 1).flatten(1).mean(1).numpy()


def _slant(images: Tensor) -> np.ndarray:
    """The shear of the strokes, (N,): covariance of row and column over the variance of the row, weighted by ink."""
    weight = (images.double() + 1).sum(1).clamp_min(1e-9)
    weight = weight / weight.sum((1, 2), keepdim=True)
    side = torch.arange(images.shape[-1], dtype=torch.float64)
    y, x = torch.meshgrid(side, side, indexing="ij")
    down = y - (weight * y).sum((1, 2), keepdim=True)
    right = x - (weight * x).sum((1, 2), keepdim=True)
    return ((weight * down * right).sum((1, 2)) / (weight * down**2).sum((1, 2)).clamp_min(1e-9)).numpy()


def _correlation(first: np.ndarray, second: np.ndarray) -> float:
    if len(first) < 2 or first.std() == 0 or second.std() == 0:
        return 0.0
    return float(np.corrcoef(first, second)[0, 1])


def judge(_scale: Scale, finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """At least nine in ten are read as the requested class, and ink and slant stay correlated."""
    results = [outputs[unit.key] for unit in finals]
    each = {name: [result[name] for result in results] for name in ("read", "ink", "slant")}
    each["psnr"] = [result["figures"]["psnr_output"] for result in results]
    checks = [
        above_zero(f"share read as the requested class, minus {READ}", [value - READ for value in each["read"]]),
        above_zero(f"correlation of ink before and after, minus {KEPT}", [value - KEPT for value in each["ink"]]),
        above_zero(f"correlation of slant before and after, minus {KEPT}", [value - KEPT for value in each["slant"]]),
    ]
    names = {
        "read": "share read as the requested class",
        "ink": "correlation of ink",
        "slant": "correlation of slant",
        "psnr": "PSNR, dB",
    }
    figures = {names[name]: figure(values) for name, values in each.items()}
    read, ink, slant = (fmean(each[name]) for name in ("read", "ink", "slant"))
    line = f"{read:.3f} read as the requested class; correlation of ink {ink:.2f}, of slant {slant:.2f}"
    return Outcome(line, checks, figures)


BRIEF = (
    "{share read as the requested class|.1%} read as the requested class; correlation of ink {correlation of ink|.2f}, "
    "of slant {correlation of slant|.2f}"
)
ROW = Row("2.4", protocol, units, judge, EDITED, brief=BRIEF, notes="notes-editing.md", methods=("cdnet",))
