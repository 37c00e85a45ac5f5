"""`evaluate`: figures of a trained model on held-out images."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from edgan.api.invertibility import invertibility
from edgan.data import Dataset, open_dataset
from edgan.errors import UsageError, near_miss
from edgan.methods import Shape
from edgan.methods.page import NEEDED
from edgan.models.device import resolve_device
from edgan.models.evaluation import evaluation, samples_evaluation
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.models.stored_run import stored_configuration
from edgan.storage.run_folder import RunFolder
from edgan.training import distributed

METRICS = ("figures", "inversion")
SPLITS = ("train", "val", "test")


def evaluate(
    run: str | Path,
    data: str | Path,
    *,
    split: str = "test",
    metric: str = "figures",
    checkpoint: str | int = "best",
    device: str = "auto",
) -> dict[str, Any]:
    """Measure a trained model on held-out images. The processes of torchrun share them; each returns all figures.

    Args:
        run: the run's folder, or "zoo:NAME" for a model that ships with the package.
        data: the data set. Use images that the model was not trained on.
        split: "test", "val" or "train".
        metric: "figures": PSNR, SSIM, RMSE, MS-SSIM, a perceptual distance, spectra, and KID and FID on pretrained
            features, of all images; of a model that only samples, what needs no pairs. "inversion": Paper 3's metric,
            PSNR and SSIM of 1,000 images in five repeats, with the MS-SSIM and a classifier's score of samples.
        checkpoint: "best" (the newest where none was judged), "newest", or a step.
        device: "auto", "cpu", "cuda", ...

    Returns:
        "images": number of images; "figures": by name; "protocol": how each was measured; "checkpoint": "step", and
        "best_by", the held-out figure by which it is the best (None where it is not). The residual's periodic peak
        needs 16 images of at least 32 pixels, and is left out otherwise.

    Raises:
        UsageError: an unknown metric or split, or a model that it cannot judge.
        EdganError: no run, no data, or an empty split.
    """
    if metric not in METRICS:
        raise UsageError(f"cannot be {metric!r}. {near_miss(metric, METRICS)}", parameter="metric")
    if split not in SPLITS:
        raise UsageError(f"cannot be {split!r}. {near_miss(split, SPLITS)}", parameter="split")
    with distributed.joined(resolve_device(device)) as world:
        model = load(run, str(world.device), checkpoint)
        if not model.redraws and (metric == "inversion" or not model.can("sample")):
            raise UsageError(
                f"This {model.method.name} neither reconstructs nor translates, so held-out images cannot judge it "
                f"this way; it can {', '.join(model.method.capabilities)}."
            )
        dataset = distributed.main_first(world, lambda: data_for(run, model, data))
        measure = invertibility if metric == "inversion" else evaluation if model.redraws else samples_evaluation
        images, figures, protocol = measure(model, dataset, split, world)
    return {
        "run": str(run),
        "checkpoint": None if model.checkpoint is None else model.checkpoint.to_dict(),
        "method": model.method.name,
        "data": str(data),
        "split": split,
        "images": images,
        "figures": figures,
        "protocol": protocol,
    }


def data_for(run: str | Path, model: Model, data: str | Path) -> Dataset:
    """A data set as a trained model reads it: of its size and channels, with the layout and direction of its run.

    Raises:
        UsageError: the data lacks what the model reads of each image: a source, an attribute, a class.
        EdganError: there is no data set at `data`.
    """
    folder = RunFolder.open(run)
    options = stored_configuration(folder.read_run(), folder).data_options
    read = _attributes_read(model) if "attributes" in model.method.fields else None
    options |= {"size": model.size, "attributes": read, "source_classes": model.shape.source_classes}
    dataset = open_dataset(data, channels=model.channels, **options)
    shape = Shape.of(dataset)
    for field in model.method.fields:
        if not shape.has(field):
            raise UsageError(
                f"{model.method.name} needs {NEEDED[field]}, and {data} has none. docs/data.md lists the layouts that "
                "carry them; edgan data check shows what was found."
            )
    if read is not None and dataset.partly_labelled:
        raise UsageError(
            f"{model.method.name} takes every attribute of every image as input, and some cells of {data} are blank. "
            "Fill them in, or leave those images out."
        )
    return dataset if read is None else _widened(dataset, model.shape.attributes)


def _attributes_read(model: Model) -> tuple[str, ...]:
    """The data's attributes that the networks depend on: CAAE reads Age and Male, whatever else the data had."""
    edit, names = model.method.edit, model.shape.attributes
    chosen = edit is not None and edit.kind == "multilabel" and set(edit.names) < set(names)
    return tuple(edit.names) if edit is not None and chosen else names


def _widened(dataset: Dataset, names: tuple[str, ...]) -> Dataset:
    """The data set with these attributes; 0 for those that it lacks, which the model does not read."""
    if dataset.attributes is None or dataset.attribute_names == names:
        return dataset
    values = np.zeros((len(dataset), len(names)), dtype=np.float32)
    for column, name in enumerate(dataset.attribute_names):
        values[:, names.index(name)] = dataset.attributes[:, column]
    return replace(dataset, attributes=values, attribute_names=names)
