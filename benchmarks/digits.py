"""Measure whether edits of digits to each other class are read as that class.

    python -m benchmarks.digits RUN [RUN ...] --data DATA [--split val] [--images 1000]

All runs were trained with classes on the same data at the same size. A separate classifier is trained on the training
split. Printed for each run: PSNR of reconstructions, and the share of edits that the classifier reads as the requested
class, by class and on average.
"""

from __future__ import annotations

import argparse
from pathlib import Path

import numpy as np
import torch

from edgan.api import load
from edgan.data import from_uint8, open_dataset
from edgan.metrics import psnr
from reproduction.paper2.digits import class_reader, edits_to_others

READER_STEPS = 1200


def main() -> None:
    """Print the figures of each run."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("runs", type=Path, nargs="+")
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--split", choices=("val", "test"), default="val")
    parser.add_argument("--images", type=int, default=1000)
    arguments = parser.parse_args()
    models = [load(run, "cpu") for run in arguments.runs]
    dataset = open_dataset(arguments.data, size=models[0].size, channels=models[0].channels)
    assert dataset.label is not None
    read = class_reader(dataset, READER_STEPS, seed=0)
    where = dataset.indices(arguments.split)[: arguments.images]
    images, label = from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[where]))), dataset.label[where]
    known = float((read(images).argmax(1) == torch.from_numpy(label)).float().mean())
    print(f"{len(images):,} images; the classifier reads {known:.1%} of them correctly")
    for run, model in zip(arguments.runs, models, strict=True):
        shares = {
            dataset.label_names[number]: float((read(edited).argmax(1) == number).float().mean())
            for number, _, edited in edits_to_others(model, images, label, dataset.label_names)
        }
        print(f"{run}: {float(psnr(model.reconstruct(images).output.clamp(-1, 1), images)):.2f} dB")
        each = ", ".join(f"{name} {share:.3f}" for name, share in shares.items())
        print(f"  read as the requested class {np.mean(list(shares.values())):.1%}: {each}")


if __name__ == "__main__":
    main()
