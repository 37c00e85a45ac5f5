"""MNIST and Fashion-MNIST as published: IDX files, with or without gzip."""

from __future__ import annotations

import functools
import gzip
import io
import math
import struct
import zlib
from pathlib import PurePosixPath

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.reader import Reader
from edgan.data.tree import MAX_FILE_BYTES, Tree
from edgan.errors import EdganError

PREFIXES = {"train": "train", "t10k": "test"}
FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
DIGITS = tuple(str(digit) for digit in range(10))


def recognises(tree: Tree) -> bool:
    """True when there is a train-images or t10k-images file in IDX."""
    return any(_find(tree, prefix, "images", 3) for prefix in PREFIXES)


def read(tree: Tree) -> Listing:
    """train-* is train, t10k-* is test. Classes are clothes where a folder's name contains "fashion", else digits."""
    names: list[str] = []
    owner: list[tuple[str, int]] = []
    label: list[np.ndarray] = []
    split: list[str] = []
    files = []
    for prefix, file_split in PREFIXES.items():
        images, labels = _find(tree, prefix, "images", 3), _find(tree, prefix, "labels", 1)
        if images is None:
            continue
        if labels is None:
            raise EdganError(f"{tree.path / images} has no {prefix}-labels-idx1-ubyte next to it. Add that file.")
        count, values = _shape(tree, images, 3)[0], _array(tree, labels, 1)
        if len(values) != count:
            raise EdganError(f"{tree.path / images} holds {count} images but {labels} holds {len(values)} labels.")
        names += [f"{prefix}/{place:05d}" for place in range(count)]
        owner += [(images, place) for place in range(count)]
        split += [file_split] * count
        label.append(values)
        files += [images]
    pixels = functools.lru_cache(maxsize=len(PREFIXES))(lambda name: _array(tree, name, 3))
    labels_all = np.concatenate(label).astype(np.int64) if label else np.zeros(0, np.int64)
    return Listing(
        "idx",
        names,
        lambda position: (pixels(owner[position][0])[owner[position][1]],),
        files,
        grey=True,
        label=labels_all,
        label_names=_label_names(labels_all, _says_fashion(tree, files)),
        split=np.array(split, dtype="<U5"),
    )


def _label_names(label: np.ndarray, fashion: bool) -> tuple[str, ...]:
    count = int(label.max(initial=0)) + 1
    if count > len(DIGITS):  # EMNIST's letters come in the same files
        return tuple(str(number) for number in range(count))
    return FASHION if fashion else DIGITS


def _says_fashion(tree: Tree, files: list[str]) -> bool:
    """Only a folder's name tells the two sets apart; torchvision puts a folder `raw` below it."""
    folder = tree.path.resolve()
    set_name = folder.parent.name if folder.name == "raw" else folder.name
    return any("fashion" in name.lower() for name in (set_name, *files))


def _find(tree: Tree, prefix: str, what: str, rank: int) -> str | None:
    """The name of one of the four files, None if it is not there; some mirrors write a dot before idx."""
    stems = (f"{prefix}-{what}-idx{rank}-ubyte", f"{prefix}-{what}.idx{rank}-ubyte")
    names = tree.named(*stems, *(f"{stem}.gz" for stem in stems))
    return names[0] if names else None


def _stream(tree: Tree, name: str) -> io.BufferedIOBase:
    try:
        raw = io.BytesIO(tree.read(name))
    except OSError as error:
        raise EdganError(f"{tree.path / name} cannot be read: {error}.") from error
    return gzip.GzipFile(fileobj=raw) if PurePosixPath(name).suffix == ".gz" else raw


def _take(tree: Tree, name: str, stream: io.BufferedIOBase, count: int) -> bytes:
    try:
        data = stream.read(count)
    except (OSError, EOFError, zlib.error) as error:
        raise EdganError(f"{tree.path / name} is damaged ({error}). Copy or download it again.") from error
    if len(data) < count:
        raise EdganError(f"{tree.path / name} is cut short: {len(data)} of {count} bytes. Copy or download it again.")
    return data


def _header(tree: Tree, name: str, stream: io.BufferedIOBase, rank: int) -> tuple[int, ...]:
    if struct.unpack(">HBB", _take(tree, name, stream, 4)) != (0, 8, rank):
        raise EdganError(f"{tree.path / name} is not an IDX file of unsigned bytes with {rank} dimensions.")
    shape = struct.unpack(f">{rank}I", _take(tree, name, stream, 4 * rank))
    if math.prod(shape) > MAX_FILE_BYTES:
        raise EdganError(f"{tree.path / name} claims a shape of {shape}; files above 2 GiB are refused.")
    return shape


def _shape(tree: Tree, name: str, rank: int) -> tuple[int, ...]:
    return _header(tree, name, _stream(tree, name), rank)


def _array(tree: Tree, name: str, rank: int) -> np.ndarray:
    stream = _stream(tree, name)
    shape = _header(tree, name, stream, rank)
    return np.frombuffer(_take(tree, name, stream, math.prod(shape)), dtype=np.uint8).reshape(shape)


READER = Reader("idx", recognises, read)
