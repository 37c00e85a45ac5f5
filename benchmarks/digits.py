"""Whether edits to each other class are read as that class, for runs that learned classes.

    python -m benchmarks.digits RUN [RUN ...] --data DATA [--split val] [--images 1000]

All runs learned the same data at the same size. A classifier is taught on the training split, apart from them. Of each
run: PSNR of reconstructions; the share of edits that it reads as asked, by class and their mean.
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
    """Print what each run comes to."""
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
    print(f"{len(images):,} images; the classifier reads {known:.1%} of them right")
    for run, model in zip(arguments.runs, models, strict=True):
        shares = {
            dataset.label_names[number]: float((read(edited).argmax(1) == number).float().mean())
            for number, _, edited in edits_to_others(model, images, label, dataset.label_names)
        }
        print(f"{run}: {float(psnr(model.reconstruct(images).output.clamp(-1, 1), images)):.2f} dB")
        each = ", ".join(f"{name} {share:.3f}" for name, share in shares.items())
        print(f"  read as asked {np.mean(list(shares.values())):.1%}: {each}")


if __name__ == "__main__":
    main()
