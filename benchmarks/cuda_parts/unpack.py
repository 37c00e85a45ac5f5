"""From a packed set to an ordinary folder that edgan's readers open.

A pack is one .npz. `layout` says which of two kinds it is:

    files   names (N) with their folders, data and offsets of the encoded pictures; where there are attributes, attr
            (N, A) in [0, 1] and attr_names (A) become metadata.csv
    idx     train_images, train_labels, test_images and test_labels become the IDX files of MNIST

`side` is the side of its pictures in pixels.
"""

from __future__ import annotations

import csv
import gzip
import struct
from collections.abc import Mapping
from pathlib import Path

import numpy as np

IDX = {"train": "train", "test": "t10k"}


def unpack(pack: Path, folder: Path) -> int:
    """Write a packed set as a folder.

    Args:
        pack: the .npz.
        folder: must not be there yet.

    Returns:
        The side of its pictures in pixels.
    """
    with np.load(pack) as contents:
        arrays = {name: contents[name] for name in contents.files}
    folder.mkdir(parents=True)
    write = _write_idx if str(arrays["layout"]) == "idx" else _write_files
    write(arrays, folder)
    return int(arrays["side"])


def _write_files(arrays: Mapping[str, np.ndarray], folder: Path) -> None:
    names, data, offsets = [str(name) for name in arrays["names"]], arrays["data"], arrays["offsets"]
    for parent in {(folder / name).parent for name in names}:
        parent.mkdir(parents=True, exist_ok=True)
    for name, start, stop in zip(names, offsets[:-1], offsets[1:], strict=True):
        (folder / name).write_bytes(data[start:stop].tobytes())
    if "attr" in arrays:
        with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file, lineterminator="\n")
            table.writerow(["file_name", *map(str, arrays["attr_names"])])
            table.writerows([name, *row.tolist()] for name, row in zip(names, arrays["attr"], strict=True))


def _write_idx(arrays: Mapping[str, np.ndarray], folder: Path) -> None:
    for split, prefix in IDX.items():
        for kind, rank in (("images", 3), ("labels", 1)):
            array = np.ascontiguousarray(arrays[f"{split}_{kind}"])
            # IDX: two zero bytes, 8 for uint8, the rank, the sizes in big-endian order, then the bytes.
            header = struct.pack(f">HBB{rank}I", 0, 8, rank, *array.shape)
            path = folder / f"{prefix}-{kind}-idx{rank}-ubyte.gz"
            path.write_bytes(gzip.compress(header + array.tobytes(), compresslevel=1, mtime=0))
