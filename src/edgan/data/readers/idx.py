"""MNIST, Fashion-MNIST and EMNIST as published: IDX files, with or without gzip."""

from __future__ import annotations

import functools
import gzip
import io
import math
import posixpath
import re
import string
import struct
import zlib
from pathlib import PurePosixPath

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree
from edgan.errors import EdganError, counted

EMNIST = re.compile(r"(emnist-[a-z]+-)(?:train|test)-images[-.]idx3-ubyte(?:\.gz)?")
FASHION = ("T-shirt/top", "Trouser", "Pullover", "Dress", "Coat", "Sandal", "Shirt", "Sneaker", "Bag", "Ankle boot")
DIGITS = tuple(string.digits)
EMNIST_CLASSES = {
    "emnist-letters-": tuple(string.ascii_uppercase),
    "emnist-byclass-": tuple(string.digits + string.ascii_uppercase + string.ascii_lowercase),
    "emnist-bymerge-": tuple(string.digits + string.ascii_uppercase + "abdefghnqrt"),
    "emnist-balanced-": tuple(string.digits + string.ascii_uppercase + "abdefghnqrt"),
}
MOST_BYTES = 2**30  # EMNIST's largest file has 547 MB
GZIP_RATIO = 1040  # deflate compresses to no less than 1/1032


def recognises(tree: Tree) -> bool:
    """True when there is a file of images in IDX, named as MNIST's or as EMNIST's."""
    return any(_find(tree, prefix, "images", 3) for name in _sets(tree) for prefix in _splits(name))


def read(tree: Tree) -> Listing:
    """train-* is train, t10k-* is test. Classes are clothes where a folder's name contains "fashion", else digits.

    EMNIST's images are stored transposed and turned upright here. Of several EMNIST sets in a folder the first is read.
    """
    names: list[str] = []
    owner: list[tuple[str, int]] = []
    label: list[np.ndarray] = []
    split: list[str] = []
    files = []
    chosen, *others = [name for name in _sets(tree) if any(_find(tree, p, "images", 3) for p in _splits(name))] or [""]
    for prefix, file_split in _splits(chosen).items():
        images, labels = _find(tree, prefix, "images", 3), _find(tree, prefix, "labels", 1)
        if images is None:
            continue
        if labels is None:
            raise EdganError(f"{tree.path / images} has no {prefix}-labels-idx1-ubyte next to it. Add that file.")
        count, values = _shape(tree, images, 3)[0], _array(tree, labels, 1)
        if len(values) != count:
            raise EdganError(
                f"{tree.path / images} holds {counted(count, 'image')} but {labels} holds "
                f"{counted(len(values), 'label')}."
            )
        names += [f"{prefix}/{place:05d}" for place in range(count)]
        owner += [(images, place) for place in range(count)]
        split += [file_split] * count
        label.append(values)
        files += [images]
    pixels = functools.lru_cache(maxsize=2)(lambda name: _array(tree, name, 3))
    labels_all = np.concatenate(label).astype(np.int64) if label else np.zeros(0, np.int64)
    if chosen == "emnist-letters-" and labels_all.min(initial=1) >= 1:  # they count from 1
        labels_all -= 1

    def image(position: int) -> tuple[np.ndarray]:
        stored = pixels(owner[position][0])[owner[position][1]]
        return (np.ascontiguousarray(stored.T) if chosen else stored,)

    return Listing(
        "idx",
        names,
        image,
        files,
        grey=True,
        label=labels_all,
        label_names=_label_names(labels_all, chosen, _says_fashion(tree, files)),
        split=np.array(split, dtype="<U5"),
        notes=[f"Of several sets in {tree.path} only {chosen}* is read; not {', '.join(others)}."] if others else [],
    )


def _sets(tree: Tree) -> list[str]:
    """What the names of the sets' files begin with: "" for MNIST's, "emnist-letters-" and the like."""
    matches = (EMNIST.fullmatch(posixpath.basename(name)) for name in tree.stats)
    return ["", *sorted({match[1] for match in matches if match})]


def _splits(set_name: str) -> dict[str, str]:
    """What the names of a set's files begin with, and the split they hold."""
    return {f"{set_name}train": "train", f"{set_name}{'test' if set_name else 't10k'}": "test"}


def _label_names(label: np.ndarray, set_name: str, fashion: bool) -> tuple[str, ...]:
    count = int(label.max(initial=0)) + 1
    known = EMNIST_CLASSES.get(set_name, ())
    if known and count <= len(known):
        return known
    if count > len(DIGITS):
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
    if math.prod(shape) > MOST_BYTES:
        raise EdganError(f"{tree.path / name} claims a shape of {shape}; files above 1 GiB are refused.")
    size = tree.stats[name].size * (GZIP_RATIO if name.endswith(".gz") else 1)
    if math.prod(shape) > size:  # asked for before memory is taken for it
        raise EdganError(f"{tree.path / name} is cut short: it cannot hold {shape}. Copy or download it again.")
    if not all(shape[1:]):
        raise EdganError(f"{tree.path / name} claims images of {shape[1:]} pixels. Copy or download it again.")
    return shape


def _shape(tree: Tree, name: str, rank: int) -> tuple[int, ...]:
    return _header(tree, name, _stream(tree, name), rank)


def _array(tree: Tree, name: str, rank: int) -> np.ndarray:
    stream = _stream(tree, name)
    shape = _header(tree, name, stream, rank)
    return np.frombuffer(_take(tree, name, stream, math.prod(shape)), dtype=np.uint8).reshape(shape)


READER = Reader("idx", recognises, read)
