"""What the mean picture of a data set scores: a model that does no better has learned nothing about its input."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import torch

from edgan.data import SPLITS, Dataset, from_uint8
from edgan.errors import EdganError
from edgan.metrics import psnr
from edgan.storage.durable import make_folder, write_bytes_atomic
from reproduction.framework.results import Data

FILE = "mean-pictures.json"


def mean_picture_psnr(dataset: Dataset) -> float:
    """PSNR in dB of the training split's mean picture as a reconstruction of every test image, mean over images."""
    total = np.zeros(dataset.images.shape[1:], np.float64)
    train = dataset.indices("train")
    for index in train:
        total += dataset.images[index]
    mean = torch.from_numpy(total / len(train) / 127.5 - 1).permute(2, 0, 1).float()
    real = from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[dataset.indices("test")])))
    return float(psnr(mean.clamp(-1, 1).expand_as(real), real))


def record_mean_pictures(out: Path, sets: Mapping[str, Dataset]) -> None:
    """Add the sets' mean pictures to OUT/mean-pictures.json; one that is there is not measured again.

    Raises:
        EdganError: the file is damaged or could not be written.
    """
    if not sets:
        return
    records = read_mean_pictures(out)
    for name, dataset in sets.items():
        key = _key(name, dataset.size, {split: len(dataset.indices(split)) for split in SPLITS})
        if records.get(key, {}).get("key") != dataset.key:
            records[key] = {"key": dataset.key, "psnr": round(mean_picture_psnr(dataset), 4)}
    make_folder(out)
    write_bytes_atomic(out / FILE, (json.dumps(records, indent=1, sort_keys=True) + "\n").encode())


def read_mean_pictures(out: Path) -> dict[str, dict[str, Any]]:
    """What `record_mean_pictures` wrote; empty if it never did.

    Raises:
        EdganError: the file is damaged.
    """
    path = out / FILE
    try:
        records: dict[str, dict[str, Any]] = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise EdganError(f"{path} cannot be read. Move it away; the next row that is run writes it again.") from error
    return records


def mean_picture_of(records: Mapping[str, Mapping[str, Any]], data: Data, side: int) -> float | None:
    """The PSNR of a set with these splits at a size; None if it was not measured."""
    record = records.get(_key(data.name, side, data.images))
    return None if record is None else float(record["psnr"])


def _key(name: str, side: int, images: Mapping[str, int]) -> str:
    return f"{name}, {side} px, {', '.join(f'{split} {count}' for split, count in sorted(images.items()))}"
