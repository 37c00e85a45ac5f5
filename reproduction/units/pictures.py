"""The pictures that models make of the test split, stored for the rankings; and the real images."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from edgan.data import from_uint8, open_dataset
from edgan.models.pixels import to_uint8
from edgan.models.reconstruction import Reconstruction
from edgan.storage.durable import make_folder
from reproduction.framework.schema import Unit


def real_images(path: Path, size: int) -> Tensor:
    """The test split of a data set, (N, C, size, size) in [-1, 1]."""
    dataset = open_dataset(path, size=size)
    where = dataset.indices("test")
    return from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[where])))


def save_pictures(folder: Path, unit: Unit, made: Reconstruction) -> None:
    """Store what a model made of the test split: the output as uint8, base and residual as float16."""
    path = _pictures_path(folder, unit)
    make_folder(path.parent)
    layers = {name: getattr(made, name).half().numpy() for name in ("base", "residual")}
    np.savez(path, output=to_uint8(made.output).numpy(), **layers)


def load_pictures(folder: Path, unit: Unit) -> dict[str, Tensor]:
    """The pictures of a training: "output" and "base", (N, C, H, W) in [-1, 1], and "residual"."""
    with np.load(_pictures_path(folder, unit)) as file:
        return {
            "output": from_uint8(torch.from_numpy(file["output"])),
            "base": torch.from_numpy(file["base"]).float().clamp(-1, 1),
            "residual": torch.from_numpy(file["residual"]).float(),
        }


def _pictures_path(folder: Path, unit: Unit) -> Path:
    return folder / "pictures" / f"{unit.key}.npz"
