"""Paper 3's inversion metric of a trained model, with metrics of its samples."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from edgan.data import Dataset
from edgan.metrics.distributions.features import classifier
from edgan.metrics.distributions.inception_score import inception_score
from edgan.metrics.pairs.inversion import inversion
from edgan.metrics.variety.sample_ms_ssim import PAIRS, sample_ms_ssim, sample_ms_ssim_protocol
from edgan.models.chunks import CHUNK
from edgan.models.inputs import split_inputs
from edgan.models.model import Model
from edgan.models.preview import conditions
from edgan.processes import ALONE, Processes

SAMPLES = 1000
TRAINING_IMAGES = 10_000


def invertibility(
    model: Model, dataset: Dataset, split: str, processes: Processes = ALONE
) -> tuple[int, dict[str, float], dict[str, str]]:
    """The figures of `evaluate(..., metric="inversion")`.

    Args:
        model: that reconstructs. If it also samples, its samples are scored too.
        dataset: the images. If they have classes, the classifier is trained on them.
        split: "test", "val" or "train".
        processes: that share the images to redraw. All get all figures.

    Returns:
        The number of images; figures; protocols. The figures are psnr, psnr_std, ssim and ssim_std; if the model
        samples, sample_ms_ssim; if the data also has classes, classifier_score and classifier_score_std. Figures of
        samples are also given for as many real images, with the suffix "_real".
    """
    fields = split_inputs(dataset, split, 1).fields
    images = SplitImages(dataset, split)
    score = inversion(lambda chosen: model.reconstruct(chosen).output, images, processes=processes)
    figures = {name: getattr(score, name) for name in ("psnr", "psnr_std", "ssim", "ssim_std")}
    protocol = {"inversion": score.protocol}
    if model.can("sample") and not conditions(model, fields):
        count = min(SAMPLES, len(images))
        pictures = {"": model.sample(count, seed=0).cpu(), "_real": images[torch.arange(count)]}
        for name, shown in pictures.items():
            figures[f"sample_ms_ssim{name}"] = sample_ms_ssim(shown)
        protocol["sample_ms_ssim"] = sample_ms_ssim_protocol(model.size, model.size, PAIRS)
        stand_in = classifier_of(dataset)
        if stand_in is not None:
            for name, shown in pictures.items():
                values = classifier_score(stand_in.network, shown)
                figures[f"classifier_score{name}"], figures[f"classifier_score_std{name}"] = values
            protocol["classifier_score"] = (
                f"{stand_in.description}, {count} samples in 5 parts; not comparable with published ones"
            )
    return len(images), figures, protocol


class SplitImages:
    """The images of a split, loaded where they are asked for."""

    def __init__(self, dataset: Dataset, split: str) -> None:
        self._dataset, self._where = dataset, dataset.indices(split)

    def __len__(self) -> int:
        """Their number, N."""
        return len(self._where)

    def __getitem__(self, where: Tensor) -> Tensor:
        """Those at positions (n,) of the split, (n, C, H, W) in [-1, 1]."""
        return self._dataset.batch(self._where[where.numpy()]).image


@dataclass(frozen=True)
class StandIn:
    """A classifier used in place of Inception.

    Attributes:
        network: images (n, C, H, W) in [-1, 1] -> logits (n, K).
        description: for a protocol.
    """

    network: nn.Module
    description: str


def classifier_of(dataset: Dataset) -> StandIn | None:
    """A small classifier trained on up to 10,000 training images of a data set; None if that has no classes.

    Every call trains the same classifier.
    """
    if dataset.label is None or len(dataset.label_names) < 2:
        return None
    where = _some(dataset.indices("train"), TRAINING_IMAGES)
    network, accuracy = classifier(np.ascontiguousarray(dataset.images[where]), dataset.label[where])
    return StandIn(
        network,
        f"the Inception score's formula with a small classifier taught on {len(where)} training images of this set "
        f"({100 * accuracy:.0f} % right on a held-out fifth) in Inception's place",
    )


def classifier_score(network: nn.Module, pictures: Tensor) -> tuple[float, float]:
    """The Inception score of pictures (N, C, H, W) with another classifier: mean and deviation over five parts."""
    with torch.inference_mode():
        logits = torch.cat([network(chunk.clamp(-1, 1)) for chunk in pictures.split(CHUNK)])
    return inception_score(torch.softmax(logits, 1))


def _some(where: np.ndarray, count: int) -> np.ndarray:
    """At most `count` of the positions, drawn at random, ascending."""
    if len(where) <= count:
        return where
    return np.sort(np.random.default_rng(0).choice(where, count, replace=False))
