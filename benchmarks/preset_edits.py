"""How an editor of attributes is judged beside another one: by a classifier of real faces, by KID, and by eye.

The classifier is taught on the training pictures once a seed, and judges both presets.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from benchmarks.edit_response import balanced_accuracy
from edgan.data import Dataset
from edgan.metrics import monotone_response
from edgan.metrics.distributions.kid import paired_kid
from edgan.metrics.editing.attribute_reader import Reader, reading, train_reader
from edgan.metrics.pretrained_maps import pooled_features
from edgan.models.contact_sheet import Row, contact_sheet
from edgan.models.model import Model
from edgan.models.pixels import to_images

LEVELS = tuple(float(level) for level in np.linspace(-2, 5, 10))
"""Ten intensities over the range that Paper 2 states (Section IV-E)."""
HIGH = 3.0
"""The intensity whose pictures KID compares."""
READER_STEPS, MOST_MOVED = 800, 100
SHOWN_LEVELS, SHOWN_ATTRIBUTES, SHOWN_FACES = range(-2, 6), 4, 4
PROTOCOL = (
    f"KID (features) of all held-out pictures edited to {HIGH:g} against the held-out pictures, a picture never "
    f"against its own original; Spearman's rank correlation of ten intensities from {LEVELS[0]:g} to {LEVELS[-1]:g} "
    f"with the classifier's logit, mean over at most {MOST_MOVED} held-out pictures without the attribute"
)


def edits_by_itself(model: Model) -> bool:
    """Whether a model edits attributes that it infers from the picture alone, and not by directions found later."""
    edit = model.method.edit
    return edit is not None and edit.kind == "multilabel" and set(model.method.fields) == {"image"}


@dataclass(frozen=True)
class EditJudge:
    """Judges editors of the same data by the same classifier.

    Attributes:
        dataset: with attributes.
        where: the held-out pictures.
        read: the classifier: pictures to logits (n, A), on `device`.
        device: where it computes.
        seed: of the classifier.
    """

    dataset: Dataset
    where: np.ndarray
    read: Reader
    device: torch.device
    seed: int

    @classmethod
    def taught(cls, dataset: Dataset, where: np.ndarray, seed: int, device: torch.device) -> EditJudge:
        """A judge whose classifier learned the attributes of the training pictures.

        Args:
            dataset: with attributes.
            where: positions of the held-out pictures.
            seed: of the classifier, which is taught on the CPU and so is the same on every device.
            device: where it judges.
        """
        assert dataset.attributes is not None
        train = dataset.indices("train")
        images, values = dataset.images[train], dataset.attributes[train]
        network = train_reader(images, values, steps=READER_STEPS, seed=seed)
        return cls(dataset, where, reading(network.to(device)), device, seed)

    def told(self) -> dict[str, Any]:
        """The classifier, its balanced accuracy on the held-out pictures by attribute, and how it judges."""
        right = balanced_accuracy(self.read, self._pictures(self.where), self._values(self.where))
        accuracy = dict(zip(self.dataset.attribute_names, right, strict=True))
        return {"steps": READER_STEPS, "seed": self.seed, "balanced_accuracy": accuracy, "protocol": PROTOCOL}

    def figures(self, model: Model) -> dict[str, Any]:
        """KID and rank correlation by attribute, and their means.

        Args:
            model: on the judge's device; it edits at least one attribute of the data.

        Returns:
            "kid_features" and "rank_correlation", means over the attributes that have one; "by_attribute", the same.
        """
        originals = self._pictures(self.where)
        real = pooled_features(originals).cpu()
        by_attribute: dict[str, dict[str, float]] = {}
        for name in self._names(model):
            edited = model.edit(originals, {name: HIGH}).clamp(-1, 1)
            by_attribute[name] = {"kid_features": paired_kid(real, pooled_features(edited).cpu(), 0)[0]}
            without = self._without(name)[:MOST_MOVED]
            if len(without):
                by_attribute[name]["rank_correlation"] = self._response(model, name, without)
        measured = {
            key: [figures[key] for figures in by_attribute.values() if key in figures]
            for key in ("kid_features", "rank_correlation")
        }
        means = {key: float(np.mean(values)) for key, values in measured.items() if values}
        return means | {"by_attribute": by_attribute}

    def sheet(self, model: Model, title: str) -> Image.Image:
        """Four held-out faces without the attribute, for each of the first four attributes, at eight intensities."""
        rows = []
        for name in self._names(model)[:SHOWN_ATTRIBUTES]:
            chosen = self._without(name)[:SHOWN_FACES]
            if not len(chosen):
                continue
            faces = self._pictures(chosen)
            columns = [faces, *(model.edit(faces, {name: float(level)}) for level in SHOWN_LEVELS)]
            rows += [Row(name, pictures) for pictures in zip(*map(to_images, columns), strict=True)]
        headings = ["original", *(f"{level:g}" for level in SHOWN_LEVELS)]
        return contact_sheet(
            title, "Held-out pictures without the attribute, edited to each intensity.", headings, rows
        )

    def _response(self, model: Model, name: str, where: np.ndarray) -> float:
        images, column = self._pictures(where), self.dataset.attribute_names.index(name)
        logits = [self.read(model.edit(images, {name: level}))[:, column].double().cpu().numpy() for level in LEVELS]
        return monotone_response(LEVELS, np.stack(logits))

    def _names(self, model: Model) -> list[str]:
        assert model.controls is not None
        return [name for name in self.dataset.attribute_names if name in model.controls.names]

    def _without(self, name: str) -> np.ndarray:
        """Positions of the held-out pictures that lack an attribute."""
        return self.where[self._values(self.where)[:, self.dataset.attribute_names.index(name)] < 0.5]

    def _values(self, where: np.ndarray) -> np.ndarray:
        assert self.dataset.attributes is not None
        values: np.ndarray = self.dataset.attributes[where]
        return values

    def _pictures(self, where: np.ndarray) -> Tensor:
        """(n, C, H, W) in [-1, 1] on the device."""
        return self.dataset.batch(where, self.device).image
