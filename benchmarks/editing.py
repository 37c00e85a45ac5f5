"""Measure how far edits move their own attribute and the others, and how long an edit takes.

    python -m benchmarks.editing RUN [RUN ...] --data DATA [--split val] [--images 100]

All runs were trained with the same attributes on the same data at the same size. A separate classifier is trained on
the training split. Each of the first four attributes is edited on images without it. Printed: Spearman's correlation of
intensity and score over ten intensities from -1.5 to 3, and how far the scores of the edited attribute and of the
others move, in standard deviations.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgan.api import load
from edgan.data import Dataset, from_uint8, open_dataset
from edgan.metrics import leakage, monotone_response, psnr, trained_reader
from edgan.models.model import Model

LEVELS = tuple(float(level) for level in np.linspace(-1.5, 3, 10))
SPANS = ((-1.0, 3.0), (0.0, 1.0))
READER_STEPS, ASKED = 800, 4


def pictures(dataset: Dataset, where: np.ndarray) -> Tensor:
    """(N, C, size, size) in [-1, 1]."""
    return from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[where])))


def report(model: Model, dataset: Dataset, where: np.ndarray, count: int, read: Callable[[Tensor], Tensor]) -> None:
    """Print a line for each attribute, and the means."""
    assert dataset.attributes is not None
    names, originals = dataset.attribute_names, pictures(dataset, where[:300])
    unedited = read(pictures(dataset, where[:1000])).double().numpy()
    print(f"  reconstruction {float(psnr(model.reconstruct(originals).output.clamp(-1, 1), originals)):.2f} dB")
    sums = []
    for column, name in enumerate(names[:ASKED]):
        images = pictures(dataset, where[dataset.attributes[where, column] < 0.5][:count])
        levels = {*LEVELS, *(level for span in SPANS for level in span)}
        scores = {level: read(model.edit(images, {name: level}).clamp(-1, 1)).double().numpy() for level in levels}
        response = monotone_response(LEVELS, np.stack([scores[level][:, column] for level in LEVELS]))
        line = f"  {name:14} rank correlation {response:.3f}"
        movements = [leakage(names, {name: scores[low]}, {name: scores[high]}, unedited) for low, high in SPANS]
        for (low, high), movement in zip(SPANS, movements, strict=True):
            line += f"   {low:g} to {high:g}: itself {movement.moved[0]:.2f} others {movement.leaked[0]:.2f}"
        sums.append([(movement.moved[0], movement.leaked[0]) for movement in movements])
        print(line)
    for (low, high), (moved, leaked) in zip(SPANS, np.mean(sums, 0), strict=True):
        print(f"  mean, {low:g} to {high:g}: itself {moved:.2f}, others {leaked:.2f}, ratio {leaked / moved:.3f}")


def main() -> None:
    """Print the figures of each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--images", type=int, default=100)
    arguments = parser.parse_args()
    models = [load(run, "cpu") for run in arguments.runs]
    first = models[0]
    dataset = open_dataset(
        arguments.data, size=first.size, channels=first.channels, attributes=list(first.shape.attributes)
    )
    assert dataset.attributes is not None
    train, where = dataset.indices("train"), dataset.indices(arguments.split)
    read = trained_reader(dataset.images[train], dataset.attributes[train], steps=READER_STEPS, seed=7)
    photo = pictures(dataset, where[:1])
    for run, model in zip(arguments.runs, models, strict=True):
        model.edit(photo, {dataset.attribute_names[0]: 1.0})
        begun = time.perf_counter()
        model.edit(photo, {dataset.attribute_names[0]: 1.0})
        print(f"{run}: a photo is edited in {1000 * (time.perf_counter() - begun):.0f} ms")
        report(model, dataset, where, arguments.images, read)


if __name__ == "__main__":
    main()
