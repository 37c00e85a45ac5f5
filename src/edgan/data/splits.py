"""Which images are for training, validation and testing."""

from __future__ import annotations

import hashlib

import numpy as np

VAL_SHARE = 0.05
TEST_SHARE = 0.05
FOLDERS = {"train": "train", "training": "train", "val": "val", "valid": "val", "validation": "val", "test": "test"}


def assign(names: list[str], given: np.ndarray | None) -> np.ndarray:
    """The split of each image, (N,) of "train", "val" and "test".

    Splits from the layout are kept. A missing val or test split gets 5 % of train, chosen by a hash of the names, so
    that adding images moves no other image. With 3 or more images no split is empty.

    Args:
        names: (N) the images' names.
        given: (N,) splits from the layout, "" where it gives none; None: it gives none at all.
    """
    split = np.full(len(names), "train", dtype="<U5") if given is None else given.astype("<U5")
    split[split == ""] = "train"
    place = np.array([_place(name) for name in names])
    missing = {name: not np.any(split == name) for name in ("val", "test", "train")}
    if not missing["train"]:
        train = split == "train"
        if missing["val"]:
            split[train & (place < VAL_SHARE)] = "val"
        if missing["test"]:
            split[train & (place >= 1 - TEST_SHARE)] = "test"
    return _none_empty(split, place)


def _place(name: str) -> float:
    """A fixed number in [0, 1) for a name, the same on every machine."""
    return int.from_bytes(hashlib.blake2b(name.encode(), digest_size=6).digest(), "big") / 2**48


def _none_empty(split: np.ndarray, place: np.ndarray) -> np.ndarray:
    """Move one image into each empty split: from train, or from the largest split if train has only one."""
    if len(split) < 3:
        return split
    for name in ("train", "test", "val"):
        if not np.any(split == name):
            values, counts = np.unique(split, return_counts=True)
            spare = np.sum(split == "train") > 1
            donors = np.flatnonzero(split == ("train" if spare else values[counts.argmax()]))
            extreme = place[donors].argmin() if name == "val" else place[donors].argmax()
            split[donors[extreme]] = name
    return split
