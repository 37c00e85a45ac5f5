"""What CDNet's attribute encoder learns from few labels: its first stage alone, judged on the test split.

    python -m benchmarks.few_labels --data DATA --attributes A,B [--labels 100,1000,all] [--steps 400]

DATA has attributes. The first images of the training split keep their labels, and the cells of the others are blanked.
"accuracy" is the share of right answers, mean over attributes; "balanced" is the mean of the shares among images with
and without an attribute, .5 for an encoder that always gives one answer.
"""

from __future__ import annotations

import argparse
import tempfile
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from edgan.config import configure
from edgan.data import Dataset, open_dataset
from edgan.methods import Shape
from edgan.storage.run_folder import RunFolder
from edgan.training.distributed import World
from edgan.training.loop import Trainer

SIZE, CHUNK, NEVER = 64, 100, 10**6
QUIET = dict.fromkeys(("log_every", "evaluate_every", "preview_every", "checkpoint_every"), NEVER)


def with_labels(dataset: Dataset, count: int) -> Dataset:
    """The data set with the labels of its first `count` training images, and of all held-out ones."""
    assert dataset.attributes is not None
    values = dataset.attributes.copy()
    values[dataset.indices("train")[count:]] = np.nan
    return replace(dataset, attributes=values)


def trained(dataset: Dataset, attributes: str, steps: int, scratch: Path) -> Trainer:
    """A CDNet after the attribute encoder's stage."""
    settings = {"attributes": attributes, "classifier_steps": steps, "device": "cpu", **QUIET}
    configuration = configure("cdnet", "quick", settings, steps=steps + 1)
    method = configuration.build(Shape.of(dataset))
    trainer = Trainer(configuration, method, dataset, RunFolder(scratch), World(0, 1, torch.device("cpu")))
    for _ in range(steps):
        trainer.advance()
    return trainer


@torch.no_grad()
def answers(trainer: Trainer, dataset: Dataset, where: np.ndarray) -> np.ndarray:
    """(n, A): whether the averaged attribute encoder sees each attribute."""
    network = trainer.state.average.networks["attribute_encoder"].eval()
    chunks = (where[start : start + CHUNK] for start in range(0, len(where), CHUNK))
    return torch.cat([network(dataset.batch(chunk).image) for chunk in chunks]).numpy() > 0


def main() -> None:
    """Print a line for each number of labels."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True)
    parser.add_argument("--attributes", required=True)
    parser.add_argument("--labels", default="100,1000,all")
    parser.add_argument("--steps", type=int, default=400)
    options = parser.parse_args()
    dataset = open_dataset(options.data, size=SIZE, attributes=options.attributes.split(","))
    assert dataset.attributes is not None
    where, count = dataset.indices("test"), len(dataset.indices("train"))
    has = dataset.attributes[where] >= 0.5
    frequent = np.maximum(has.mean(0), 1 - has.mean(0)).mean()
    print(f"{len(where)} test images; always the more frequent answer: accuracy {frequent:.3f}, balanced 0.500")
    for labels in options.labels.split(","):
        kept = count if labels == "all" else int(labels)
        with tempfile.TemporaryDirectory() as scratch:
            begun = time.process_time()
            trainer = trained(with_labels(dataset, kept), options.attributes, options.steps, Path(scratch))
            spent = time.process_time() - begun
        right = answers(trainer, dataset, where) == has
        columns = zip(right.T, has.T, strict=True)
        balanced = [(r[h].mean() + r[~h].mean()) / 2 for r, h in columns]
        by_name = ", ".join(f"{n} {b:.2f}" for n, b in zip(dataset.attribute_names, balanced, strict=True))
        print(
            f"{kept} of {count} labelled, {options.steps} steps ({spent:.0f} s of processor time): "
            f"accuracy {right.mean():.3f}, balanced {np.mean(balanced):.3f} ({by_name})",
            flush=True,
        )


if __name__ == "__main__":
    main()
