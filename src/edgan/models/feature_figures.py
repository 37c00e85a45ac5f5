"""KID and FID on pretrained features: what a model draws against held-out images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np
import torch
from torch import Tensor

from edgan.data import Dataset
from edgan.metrics.metric import FeatureMetric, Use
from edgan.metrics.pretrained_maps import WIDTH, WORDS, pooled_features
from edgan.metrics.registry import measured_by
from edgan.models.inputs import fields_of, watched_split
from edgan.models.model import Model
from edgan.models.preview import conditions
from edgan.processes import ALONE, Processes

LIMIT = 256
"""Held-out images that a training compares with at each evaluation."""
CHUNK = 64


class FeatureFigures:
    """The distances of sets of any size, which are added chunk by chunk: 176 numbers are kept of each picture.

    Args:
        use: "evaluate" or "training".
        paired: whether picture i is made from image i.
    """

    def __init__(self, use: Use, *, paired: bool) -> None:
        self.paired = paired
        self.metrics = list(measured_by(use, FeatureMetric))
        self._features: dict[str, list[Tensor]] = defaultdict(list)

    def add(self, pictures: Mapping[str, Tensor], images: Tensor) -> None:
        """Add pictures by kind ("base", "output"), each (n, C, H, W) in [-1, 1], and real images (n, C, H, W)."""
        if not self.metrics:
            return
        self._features["real"].append(pooled_features(images).cpu())
        measured: dict[str, Tensor] = {}
        for kind, values in pictures.items():
            twin = next((done for done in measured if torch.equal(pictures[done], values)), None)
            measured[kind] = measured[twin] if twin else pooled_features(values).cpu()
            self._features[kind].append(measured[kind])

    def gather(self, processes: Processes) -> None:
        """Take together what each process has added; all of them then have the whole, in the order of the ranks."""
        gathered = processes.gathered(dict(self._features))
        kinds = dict.fromkeys(kind for features in gathered for kind in features)
        chunks = {kind: [chunk for features in gathered for chunk in features.get(kind, [])] for kind in kinds}
        self._features = defaultdict(list, chunks)

    def figures(self) -> dict[str, float]:
        """NAME_KIND of every metric for which there are enough images."""
        if not self._features:
            return {}
        features = {kind: torch.cat(chunks) for kind, chunks in self._features.items()}
        return distances(self.metrics, features.pop("real"), features, paired=self.paired)

    def protocols(self) -> dict[str, str]:
        """By metric: how it was measured, and what a reader should know of it."""
        count = sum(map(len, self._features["real"]))
        result = {}
        for metric in self.metrics:
            if count >= metric.least_images:
                pairs = "; a picture is not compared with its own original" if self.paired and metric.paired else ""
                cautions = metric.cautions(WIDTH, {"real": count, "output": count})
                result[metric.name] = ". ".join(
                    [f"{metric.describe(WORDS, count, count)}{pairs}", *(text.rstrip(".") for text in cautions)]
                )
        return result


class HeldOutFeatures:
    """A fixed set of held-out images, evenly spaced in the split, and what a model in training draws for them.

    The features of the images are computed once. A picture depends on the weights alone: its noise is that of its
    position. So a resumed training measures what an uninterrupted one does.

    Args:
        model: the one in training; it redraws or samples.
        dataset: the training's.
        processes: that share the pictures.
    """

    def __init__(self, model: Model, dataset: Dataset, processes: Processes = ALONE) -> None:
        self.model, self.dataset, self.processes = model, dataset, processes
        self.where = compared(dataset)
        self._real: Tensor | None = None

    def figures(self) -> dict[str, float]:
        """NAME_output of every metric that training measures."""
        made, *real = self.processes.rows(-(-len(self.where) // CHUNK), self._of_chunks)
        self._real = real[0] if real else self._real
        assert self._real is not None
        metrics = list(measured_by("training", FeatureMetric))
        return distances(metrics, self._real, {"output": made}, paired=self.model.redraws)

    def _of_chunks(self, chunks: slice) -> tuple[Tensor, ...]:
        """The features of what is drawn for some chunks of the images; the first time also those of the images."""
        made, real = [], []
        for start in range(chunks.start * CHUNK, min(chunks.stop * CHUNK, len(self.where)), CHUNK):
            fields = fields_of(self.dataset.batch(self.where[start : start + CHUNK], self.model.device))
            made.append(pooled_features(drawn(self.model, fields, start)).cpu())
            if self._real is None:
                real.append(pooled_features(fields["image"]).cpu())
        return (torch.cat(made), torch.cat(real)) if real else (torch.cat(made),)


def compared(dataset: Dataset) -> np.ndarray:
    """Positions of the held-out images that a training compares with: at most 256, evenly spaced in their split."""
    where = dataset.indices(watched_split(dataset))
    return where[np.linspace(0, len(where) - 1, min(LIMIT, len(where))).round().astype(int)] if len(where) else where


def drawn(model: Model, fields: Mapping[str, Tensor], first: int) -> Tensor:
    """What a model draws for a batch: its picture of each image, or as many samples in the batch's conditions.

    Args:
        model: one that redraws or samples.
        fields: of the batch.
        first: position of its first image in a larger set, which decides the noise.
    """
    if model.redraws:
        return model.redraw(fields, first).output
    return model.sample(len(fields["image"]), seed=first, **conditions(model, fields))


def distances(
    metrics: Sequence[FeatureMetric], real: Tensor, made: Mapping[str, Tensor], *, paired: bool
) -> dict[str, float]:
    """NAME_KIND of each metric between features (N, 176) of real images and of each kind of picture.

    Args:
        metrics: on pretrained features.
        real: of the images.
        made: of pictures, by kind.
        paired: whether row i of `made` belongs to row i of `real`.
    """
    figures = {}
    for metric in metrics:
        measure = metric.paired if paired and metric.paired is not None else metric.measure
        for kind, features in made.items():
            if len(real) >= metric.least_images:
                figures[f"{metric.name}_{kind}"] = measure(real, features, 0)[metric.name]
    return figures
