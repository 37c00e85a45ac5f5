"""How well a model edits held-out images, by each metric of edits and of latents in the registry."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

import numpy as np
import torch
from torch import Tensor

from edgan.data import Dataset
from edgan.data.batch import from_uint8
from edgan.metrics.editing.svm_error import class_error
from edgan.metrics.metric import AttributeEdit, EditMetric, LatentMetric, Metric
from edgan.metrics.registry import measured_by
from edgan.models.chunks import CHUNK
from edgan.models.model import Model
from edgan.processes import ALONE, Processes

MOST_ATTRIBUTES, MOST_IMAGES, MOST_TRAINING = 8, 100, 3000
INTENSITY = 3.0
"""Within every range of Paper 2's Fig. 6."""
INTENSITY_PROTOCOL = f"edited to {INTENSITY:g} (or the top of the stated range, where that is lower)"


def edit_figures(
    model: Model, dataset: Dataset, split: str, processes: Processes = ALONE
) -> tuple[dict[str, float], dict[str, str]]:
    """How often an edit is missed, how far it moves the latent, and how well the latent predicts the attribute.

    Args:
        model: any. The figures are those of a model that edits images and reads nothing else.
        dataset: its training split trains the SVMs.
        split: the images to edit, and to probe.
        processes: that share the attributes. Of classes each process measures all: one SVM costs most of the time.

    Returns:
        Figures (NAME_ATTRIBUTE) and protocols (NAME). Both are empty where the model does not edit, or where the data
        lacks the attributes or the classes that it edits.
    """
    controls = model.controls
    if controls is None or "image" not in model.method.fields or len(model.method.fields) > 1:
        return {}, {}
    if controls.kind == "multiclass":
        return _of_classes(model, dataset, split)
    names = [name for name in dataset.attribute_names if name in controls.names][:MOST_ATTRIBUTES]
    own: dict[str, float] = {}
    for place in processes.share(len(names)):
        own |= _of_edit(model, dataset, split, names[place])
    figures = processes.united(own)
    of_latents = _of_latents(model, dataset, split, names, processes)
    return figures | of_latents, {
        **_protocols(measured_by("evaluate", EditMetric), figures, f"; {INTENSITY_PROTOCOL}"),
        **_protocols(measured_by("evaluate", LatentMetric), of_latents),
    }


def _of_edit(model: Model, dataset: Dataset, split: str, name: str) -> dict[str, float]:
    """The metrics of one attribute's edit; none where too few images lack it, or where training has one kind only."""
    assert dataset.attributes is not None
    assert model.controls is not None
    values = dataset.attributes[:, dataset.attribute_names.index(name)]
    has, known = values >= 0.5, ~np.isnan(values)
    train, held = (where[known[where]] for where in (dataset.indices("train"), dataset.indices(split)))
    train = train[:MOST_TRAINING]
    without = held[~has[held]][:MOST_IMAGES]
    if len(without) < 2 or has[train].all() or not has[train].any():
        return {}
    intensity = min(INTENSITY, model.controls.high) * model.controls.units.get(name, 1.0)
    images = _images(dataset, without)
    edited = model.edit(images, {name: intensity})
    latents = (model.encode(images), model.encode_made(edited.clamp(-1, 1))) if model.can("encode") else None
    edit = AttributeEdit(images, edited, intensity, latents, dataset.images[train], has[train])
    measured = {
        metric.name: metric.measure(edit) for metric in measured_by("evaluate", EditMetric) if metric.fits(images)
    }
    return {f"{key}_{name}": value for key, value in measured.items() if value is not None}


def _of_latents(model: Model, dataset: Dataset, split: str, names: list[str], processes: Processes) -> dict[str, float]:
    if not names or not model.can("encode"):
        return {}
    assert dataset.attributes is not None
    # Held-out images: an encoder may reveal more about those that it was trained on.
    held = dataset.indices(split)[:MOST_TRAINING]

    def encode(chunks: slice) -> tuple[Tensor, ...]:
        return (model.encode(_images(dataset, held[chunks.start * CHUNK : chunks.stop * CHUNK])),)

    (z,) = processes.rows(-(-len(held) // CHUNK), encode)
    wanted = [(metric, name) for metric in measured_by("evaluate", LatentMetric) for name in names]
    figures = {}
    for metric, name in (wanted[place] for place in processes.share(len(wanted))):
        values = dataset.attributes[held, dataset.attribute_names.index(name)]
        known = ~np.isnan(values)
        value = metric.measure(z[torch.from_numpy(known)], values[known] >= 0.5)
        if value is not None:
            figures[f"{metric.name}_{name}"] = value
    return processes.united(figures)


def _of_classes(model: Model, dataset: Dataset, split: str) -> tuple[dict[str, float], dict[str, str]]:
    if dataset.label is None or model.controls is None or dataset.label_names != model.controls.names:
        return {}, {}
    names = model.controls.names
    train, held = dataset.indices("train")[:MOST_TRAINING], dataset.indices(split)[:MOST_IMAGES]
    error = class_error(
        dataset.images[train],
        dataset.label[train],
        _images(dataset, held),
        dataset.label[held],
        lambda images, target: model.edit(images, {names[target]: 1.0}),
        range(len(names)),
    )
    protocol = (
        "share of images, edited to each other class, in which one linear SVM on pixels, trained on "
        f"{len(train)} training images, finds another class than the requested one; mean over classes"
    )
    return ({}, {}) if error is None else ({"edit_error": error}, {"edit_error": protocol})


def _protocols(metrics: Iterable[Metric], figures: Mapping[str, float], more: str = "") -> dict[str, str]:
    """Protocols of the metrics that were measured."""
    return {
        metric.name: f"{metric.protocol}{more}"
        for metric in metrics
        if any(key.startswith(f"{metric.name}_") for key in figures)
    }


def _images(dataset: Dataset, where: np.ndarray) -> Tensor:
    return from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[where])))
