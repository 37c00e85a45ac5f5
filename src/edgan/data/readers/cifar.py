"""CIFAR-10 as published: cifar-10-batches-py, six pickles and a pickle of class names."""

from __future__ import annotations

import functools
import pickle

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.byte_pickle import array_of, load_bytes_pickle
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree
from edgan.errors import EdganError, counted

TRAIN = tuple(f"data_batch_{number}" for number in range(1, 6))
TEST = "test_batch"
CLASSES = ("airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck")
SIDE = 32
MAX_BYTES = 2**26  # a published batch has 31 MB


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
    if tree.stats[file].size > MAX_BYTES:
        raise EdganError(f"{where} is not a CIFAR-10 batch: it has {tree.stats[file].size / 1e6:.0f} MB instead of 31.")
    try:
        content = load_bytes_pickle(tree.read(file))
    except (pickle.UnpicklingError, OSError) as error:
        raise EdganError(f"{where} is not a CIFAR-10 batch: {error}. Copy or download it again.") from error
    content = content if isinstance(content, dict) else {}
    data, labels, stored_names = array_of(content.get(b"data")), content.get(b"labels"), content.get(b"filenames", [])
    if data is None or data.size % (3 * SIDE * SIDE) or not isinstance(labels, list):
        raise EdganError(
            f"{where} is not a CIFAR-10 batch: it needs 'data', rows of {3 * SIDE * SIDE} unsigned bytes, and a list "
            "'labels'. Copy or download it again."
        )
    pixels = data.reshape(-1, 3, SIDE, SIDE).transpose(0, 2, 3, 1)
    names = _names(stored_names) or [f"{place:05d}" for place in range(len(labels))]
    in_range = all(type(value) is int and 0 <= value < len(CLASSES) for value in labels)
    if not len(pixels) == len(labels) == len(names) or not in_range:
        raise EdganError(
            f"{where} is damaged: it holds {counted(len(pixels), 'image')}, {counted(len(labels), 'label')} (0 to 9) "
            f"and {counted(len(names), 'name')}. "
            "Copy or download it again."
        )
    return np.ascontiguousarray(pixels), labels, names


def _names(stored: object) -> list[str]:
    """The images' file names, or none where the batch has no list of them."""
    if not isinstance(stored, list) or not all(isinstance(name, bytes | str) for name in stored):
        return []
    return [name.decode("utf-8", "replace") if isinstance(name, bytes) else name for name in stored]


READER = Reader("cifar10-batches", recognises, read)
