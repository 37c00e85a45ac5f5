"""How well a model edits, as far as it is cheap to say: one linear SVM an attribute, and how far the latent moves.

And, of a model that keeps attributes apart from its latent, what the latent still tells of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from sklearn.svm import LinearSVC
from torch import Tensor

from edgan.data import Dataset
from edgan.data.batch import from_uint8
from edgan.metrics.disentanglement import IDENTITY_PROTOCOL, identity_moved
from edgan.metrics.probing import PROBE_PROTOCOL, enough, probe
from edgan.metrics.svm import PROTOCOL, error_curve, teach_svms
from edgan.models.model import Model

MOST_ATTRIBUTES, MOST_IMAGES, TAUGHT = 8, 100, 3000
INTENSITY = 3.0
"""Within every range of Paper 2's Fig. 6."""


def edit_figures(model: Model, dataset: Dataset, split: str) -> tuple[dict[str, float], dict[str, str]]:
    """How often an edit is not seen, how far it moves the latent, and how well the latent tells the attribute.

    Args:
        model: one that edits and encodes.
        dataset: its training split teaches the SVMs.
        split: whose images are edited, and probed.

    Returns:
        figures and protocols; empty where the data says nothing of what the model edits.
    """
    controls = model.controls
    if controls is None or "image" not in model.method.fields or len(model.method.fields) > 1:
        return {}, {}
    if controls.kind == "multiclass":
        return _of_classes(model, dataset, split)
    figures: dict[str, float] = {}
    shared = [name for name in dataset.attribute_names if name in controls.names]
    for name in shared[:MOST_ATTRIBUTES]:
        figures |= _of_attribute(model, dataset, split, name)
    told = _told_by_latent(model, dataset, split, shared[:MOST_ATTRIBUTES])
    figures |= told
    if not figures:
        return {}, {}
    shown = f"edited to {INTENSITY:g} (or the top of the stated range, where that is lower)"
    return figures, {
        "edit_error": f"{PROTOCOL.format(count=1)}; {shown}",
        "edit_identity": f"{IDENTITY_PROTOCOL}; {shown}",
        **({"latent_auc": PROBE_PROTOCOL} if told else {}),
    }


def _of_attribute(model: Model, dataset: Dataset, split: str, name: str) -> dict[str, float]:
    assert dataset.attributes is not None
    assert model.controls is not None
    has = dataset.attributes[:, dataset.attribute_names.index(name)] >= 0.5
    train, held = dataset.indices("train")[:TAUGHT], dataset.indices(split)
    without = held[~has[held]][:MOST_IMAGES]
    if len(without) < 2 or has[train].all() or not has[train].any():
        return {}
    intensity = min(INTENSITY, model.controls.high) * model.controls.units.get(name, 1.0)
    images = _images(dataset, without)
    edited = model.edit(images, {name: intensity})
    machines = teach_svms(dataset.images[train], has[train], count=1)
    figures = {f"edit_error_{name}": float(error_curve(machines, lambda _: edited, [intensity]).mean[0])}
    if model.can("encode"):
        figures[f"edit_identity_{name}"] = identity_moved(model.encode(images), model.encode(edited.clamp(-1, 1)))
    return figures


def _told_by_latent(model: Model, dataset: Dataset, split: str, names: Sequence[str]) -> dict[str, float]:
    if not model.can("encode"):
        return {}
    assert dataset.attributes is not None
    held = dataset.indices(split)[:TAUGHT]  # not training images: of these an encoder may tell more
    holds = {name: dataset.attributes[held, dataset.attribute_names.index(name)] >= 0.5 for name in names}
    probed = {name: has for name, has in holds.items() if enough(has)}
    if not probed:
        return {}
    z = model.encode(_images(dataset, held))
    return {f"latent_auc_{name}": probe(z, has) for name, has in probed.items()}


def _of_classes(model: Model, dataset: Dataset, split: str) -> tuple[dict[str, float], dict[str, str]]:
    if dataset.label is None or model.controls is None or dataset.label_names != model.controls.names:
        return {}, {}
    train, held = dataset.indices("train")[:TAUGHT], dataset.indices(split)[:MOST_IMAGES]
    taught, label = dataset.images[train].reshape(len(train), -1) / 127.5 - 1, dataset.label[train]
    machine = LinearSVC(C=1e-2, random_state=0).fit(taught, label)
    images, found = _images(dataset, held), []
    for number, name in enumerate(model.controls.names):
        others = images[torch.from_numpy(dataset.label[held] != number)]
        if len(others) and (label == number).any():
            edited = model.edit(others, {name: 1.0}).clamp(-1, 1).permute(0, 2, 3, 1).flatten(1).numpy()
            found.append(float(np.mean(machine.predict(edited) != number)))
    protocol = (
        f"share of images, edited to each other class, in which one linear SVM on pixels, taught on {len(train)} "
        "training images, sees another class than the asked one; mean over classes"
    )
    return ({"edit_error": float(np.mean(found))}, {"edit_error": protocol}) if found else ({}, {})


def _images(dataset: Dataset, where: np.ndarray) -> Tensor:
    return from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[where])))
