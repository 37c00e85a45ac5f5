"""CIFAR-10 as published: cifar-10-batches-py, six pickles and a pickle of class names.

Loading a pickle can run any code. These are loaded by an unpickler that allows only the names that numpy arrays need.
"""

from __future__ import annotations

import functools
import io
import pickle
from typing import Any

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree
from edgan.errors import EdganError

TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST = "test_batch"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIDE = 32
ALLOWED = frozenset(
    (module, name)
    for module in ("numpy.core.multiarray", "numpy._core.multiarray", "numpy")
    for name in ("_reconstruct", "ndarray", "dtype")
) | {("_codecs", "encode")}


class _ArraysOnly(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> Any:
        if (module, name) not in ALLOWED:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}, which a CIFAR-10 batch does not need")
        return super().find_class(module.replace("numpy.core", "numpy._core"), name)


def recognises(tree: Tree) -> bool:
    """True when a batch is there and no image file."""
    return bool(tree.named(*TRAIN, TEST)) and not tree.images()


def read(tree: Tree) -> Listing:
    """data_batch_1 to 5 are train, test_batch is test; labels by the ten published class names."""
    files = tree.named(*TRAIN, TEST)
    names: list[str] = []
    owner: list[tuple[str, int]] = []
    label: list[int] = []
    split: list[str] = []
    for file in files:
        labels, filenames = _batch(tree, file)[1:]
        batch = file.rpartition("/")[2]
        names += [f"{batch}/{name}" for name in filenames]
        owner += [(file, place) for place in range(len(labels))]
        label += labels
        split += ["test" if batch == TEST else "train"] * len(labels)
    pixels = functools.lru_cache(maxsize=2)(lambda file: _batch(tree, file)[0])
    return Listing(
        "cifar10-batches",
        names,
        lambda position: (pixels(owner[position][0])[owner[position][1]],),
        files,
        grey=False,
        label=np.array(label, dtype=np.int64),
        label_names=CLASSES,
        split=np.array(split, dtype="<U5"),
    )


def _batch(tree: Tree, file: str) -> tuple[np.ndarray, list[int], list[str]]:
    """Pixels (n, 32, 32, 3) uint8, labels and file names of one batch."""
    where = tree.path / file
    try:
        content = _ArraysOnly(io.BytesIO(tree.read(file)), encoding="bytes").load()
        data = np.asarray(content[b"data"], dtype=np.uint8)
        pixels = data.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
        labels = [int(value) for value in content[b"labels"]]
        names = [name.decode() for name in content.get(b"filenames", [])] or [f"{i:05d}" for i in range(len(labels))]
    except Exception as error:  # a damaged pickle can raise anything, and all of it means that the batch is not usable
        raise EdganError(f"{where} is not a CIFAR-10 batch: {error}. Copy or download it again.") from error
    if not len(pixels) == len(labels) == len(names) or not all(0 <= value < len(CLASSES) for value in labels):
        raise EdganError(
            f"{where} is damaged: it holds {len(pixels)} images, {len(labels)} labels (0 to 9) and {len(names)} names. "
            "Copy or download it again."
        )
    return np.ascontiguousarray(pixels), labels, names


READER = Reader("cifar10-batches", recognises, read)
