"""The two units behind Paper 2's rows: a reader of attributes, and a trained editor with all that its edits came to."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import torch
from torch import Tensor

from edgan import api
from edgan.data import Dataset, from_uint8, open_dataset
from edgan.experiments.models import KEPT_EVERY
from edgan.experiments.spec import Place, Unit
from edgan.metrics import (
    error_curve,
    identity_moved,
    leakage,
    monotone_response,
    ms_ssim,
    taught_reader,
    teach_svms,
)
from edgan.training.evaluate import similarity
from edgan.training.model import Model
from edgan.training.runfolder import RunFolder

INTENSITIES = tuple(float(x) for x in np.linspace(-1.5, 3.0, 10))
"""Ten, over CDNet's range in Fig. 6."""
LOW, HIGH = -1.0, 3.0


def editor_unit(
    name: str, method: str, *, seed: int, data: tuple[str, str], scale: Any, set: Mapping[str, Any]
) -> Unit:
    """A unit that trains an editor of faces and turns each asked attribute up on the test part.

    Args:
        name: for people.
        method: of `edgan methods`.
        seed: of the training.
        data: the set's name and its key.
        scale: training, attributes, asked ones, counts.
        set: settings that differ.
    """
    options = {
        "method": method,
        "data": list(data),
        "training": dict(scale.training),
        "set": {**scale.set, **set},
        "attributes": list(scale.attributes),
        "asked": list(scale.asked),
        "images": scale.images,
        "reader_steps": scale.reader_steps,
    }
    return Unit(name, train_editor, options, seed=seed)


def train_editor(unit: Unit, place: Place) -> dict[str, Any]:
    """Train as the unit says, from its last checkpoint where there is one, and edit the test part.

    Returns:
        "figures" of the reconstructions; by asked attribute "error" (at each of `INTENSITIES`, mean of five SVMs),
        "response", "moved", "others" (both in standard deviations of the reader's score) and "identity"; "joint", the
        share of images in which the first two asked are both read when both are set.
    """
    options, folder = unit.options, place.folder / "runs" / unit.key
    path = place.data[options["data"][0]]
    model = _trained(unit, place)
    dataset = open_dataset(path, size=model.size, channels=model.channels, attributes=options["attributes"])
    train, test = dataset.indices("train"), dataset.indices("test")
    assert dataset.attributes is not None
    read = taught_reader(
        dataset.images[train], dataset.attributes[train], steps=options["reader_steps"], seed=unit.seed
    )
    place.tick()
    images = _images(dataset, test)
    made = model.redraw({"image": images})
    figures = {**similarity(made, images), "ms_ssim_output": float(ms_ssim(made.output.clamp(-1, 1), images))}
    unedited = read(images).double().numpy()
    edits: dict[str, Any] = {}
    for name in options["asked"]:
        place.tick()
        column = dataset.attribute_names.index(name)
        without = test[dataset.attributes[test, column] < 0.5][: options["images"]]
        edits[name] = _edits(model, dataset, without, name, unedited, read)
    pair = options["asked"][:2]
    result = {"figures": figures, "edits": edits, "joint": _joint(model, dataset, images, pair, read)}
    shutil.rmtree(RunFolder(folder).checkpoints, ignore_errors=True)
    return result


def _trained(unit: Unit, place: Place) -> Model:
    options, folder = unit.options, place.folder / "runs" / unit.key
    steps = options["training"]["steps"]
    every = {"checkpoint_every": min(KEPT_EVERY, max(1, steps // 4)), "evaluate_every": steps, "preview_every": steps}
    run = api.train(
        options["method"],
        place.data[options["data"][0]],
        folder,
        **options["training"],
        device=place.device,
        seed=unit.seed,
        set={**every, **options["set"], "attributes": options["attributes"]},
        resume=True,
        watch=place.tick,
        report=False,
    )
    return run.load(place.device)


def _edits(
    model: Model,
    dataset: Dataset,
    without: np.ndarray,
    name: str,
    unedited: np.ndarray,
    read: Callable[[Tensor], Tensor],
) -> dict[str, Any]:
    """What turning one attribute does to images that lack it."""
    assert dataset.attributes is not None
    train = dataset.indices("train")
    has = dataset.attributes[train, dataset.attribute_names.index(name)] >= 0.5
    images = _images(dataset, without)
    pictures = {level: model.edit(images, {name: level}).clamp(-1, 1) for level in (*INTENSITIES, LOW)}
    curve = error_curve(teach_svms(dataset.images[train], has), pictures.__getitem__, INTENSITIES)
    scores = {level: read(picture).double().numpy() for level, picture in pictures.items()}
    column = dataset.attribute_names.index(name)
    found = leakage(dataset.attribute_names, {name: scores[LOW]}, {name: scores[HIGH]}, unedited)
    return {
        "error": curve.mean.tolist(),
        "response": monotone_response(INTENSITIES, np.stack([scores[level][:, column] for level in INTENSITIES])),
        "moved": float(found.moved[0]),
        "others": float(found.leaked[0]),
        "identity": identity_moved(model.encode(images), model.encode(pictures[HIGH])),
    }


def _joint(model: Model, dataset: Dataset, images: Tensor, names: list[str], read: Callable[[Tensor], Tensor]) -> float:
    columns = [dataset.attribute_names.index(name) for name in names]
    scores = read(model.edit(images, dict.fromkeys(names, HIGH)).clamp(-1, 1))
    return float((scores[:, columns] > 0).all(1).float().mean())


def _images(dataset: Dataset, where: np.ndarray) -> Tensor:
    return from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[where])))
