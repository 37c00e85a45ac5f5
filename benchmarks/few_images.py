"""What a method's default preset makes of few training pictures, and whether its pictures are copies of them.

    python -m benchmarks.few_images METHOD --data DATA --out OUT [--counts 60 300 1000] [--seconds 150] [--size 64]

The first COUNT pictures of DATA's training split are the training pictures, at most 100 of its validation split and 200
of its test split the held-out ones. Each training costs about SECONDS of processor time and is kept in OUT. The sheet
OUT/sheet-COUNT.png has held-out originals (of a model that redraws), the model's pictures, and of each the nearest
training picture. Printed, and written to results/bench-few-images-METHOD.json:

- PSNR and KID (features) of training and held-out pictures;
- the distance to the nearest training picture in grey levels (root mean square), and of held-out originals the same;
- for a model that redraws: the share of its pictures that are nearer to a training picture than to their original;
- what health says at the last step.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor

import edgan
from benchmarks.equal_time import Wanted, steps_for
from benchmarks.preset_comparison import NEW, SHOWN, measured, trained
from benchmarks.presets import RESULTS
from edgan.data import Dataset, from_uint8, open_dataset
from edgan.methods import find
from edgan.models.nearest import nearest_training_image
from edgan.models.pixels import to_image
from edgan.models.sheet import sheet
from edgan.storage.durable import write_json_atomic
from edgan.storage.run_folder import RunFolder

HELD_OUT = {"val": 100, "test": 200}
GREY_LEVELS = 127.5
FIGURES = ("psnr_base", "psnr_output", "kid_features_output")


def write_subset(dataset: Dataset, count: int, folder: Path) -> None:
    """Write the first pictures of each split as PNG files into folder/train, folder/val and folder/test."""
    for split, most in {"train": count, **HELD_OUT}.items():
        (folder / split).mkdir(parents=True, exist_ok=True)
        for place in dataset.indices(split)[:most]:
            to_image(_tensor(dataset, place)).save(folder / split / f"{place:06d}.png")


def report(wanted: Wanted, folder: Path, count: int) -> dict[str, Any]:
    """Train on the pictures of a folder; the figures. Draws the sheet."""
    done = (wanted.out / f"{NEW}-0.json").exists()
    spent = trained(wanted, NEW, 0, 0 if done else steps_for(wanted, NEW))
    run = wanted.out / f"{NEW}-0"
    model = edgan.load(run, "cpu", "newest")
    dataset = open_dataset(folder, size=wanted.size)
    figures = {split: measured(model, dataset, split) for split in ("train", "test")}
    _, made, real = figures["test"]
    train = dataset.indices("train")
    nearest = [nearest_training_image(dataset, picture[None]) for picture in made]
    originals = [nearest_training_image(dataset, picture[None])[1] for picture in real]
    distances = np.array([distance for _, distance, _ in nearest])
    copies = torch.cat([_tensor(dataset, train[place])[None] for place, _, _ in nearest[:SHOWN]])
    rows = [real[:SHOWN]] if model.redraws else []
    sheet([*rows, made[:SHOWN], copies], scale=max(1, 128 // wanted.size)).save(
        wanted.out.parent / f"sheet-{count}.png"
    )
    result = {"count": count, **spent, "nearest": float(distances.mean()), "nearest_of_originals": np.mean(originals)}
    if model.redraws:
        own = GREY_LEVELS * (made - real).square().mean((1, 2, 3)).sqrt().numpy()
        result["nearer_to_training"] = float((distances < own).mean())
    for split, (of_split, *_) in figures.items():
        result[split] = {name: of_split[name] for name in FIGURES if name in of_split}
    logged = [line for line in RunFolder.open(run).read_log() if "health" in line]
    return result | {"health": logged[-1]["health"]}


def _tensor(dataset: Dataset, place: int) -> Tensor:
    """(C, H, W) in [-1, 1]."""
    return from_uint8(torch.from_numpy(dataset.images[place][None].copy()))[0]


def main() -> None:
    """Print and write the figures of each number of pictures."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("method")
    parser.add_argument("--data", required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--counts", type=int, nargs="+", default=[60, 300, 1000])
    parser.add_argument("--seconds", type=float, default=150)
    parser.add_argument("--size", type=int, default=64)
    arguments = parser.parse_args()
    method = find(arguments.method).name
    whole = open_dataset(arguments.data, size=arguments.size)
    results = []
    for count in arguments.counts:
        place = arguments.out.resolve() / str(count)
        folder = place / "pictures"
        if not folder.exists():
            write_subset(whole, count, folder)
        results.append(report(Wanted(method, str(folder), arguments.size, arguments.seconds, place), folder, count))
        print(json.dumps(results[-1], indent=1), flush=True)
    name = f"bench-few-images-{method.replace('//', '-twin')}.json"
    write_json_atomic(RESULTS / name, {"method": method, "data": Path(arguments.data).name, "counts": results})


if __name__ == "__main__":
    main()
