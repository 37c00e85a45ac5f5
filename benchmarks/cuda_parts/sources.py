"""The sets that parts train on, from the .npz files in which they are kept, at the side at which a part trains.

Encoded sets hold `data`, `offsets` and `names`, one encoded picture after another; celeba also `attr` and `attr_names`.
MNIST and Fashion-MNIST hold `images` and `labels`. Facades and the two digit sets are a file for each split.
"""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path, PurePosixPath

import numpy as np
from PIL import Image

from edgan.data.crops import SQUARE
from edgan.data.decode import picture
from edgan.errors import EdganError, UsageError, near_miss

QUALITY = 90
"""JPEG, full chroma. What is small enough already keeps its bytes."""
CELEBA_SHARES = {"train": 0.8, "val": 0.9, "test": 1.0}

Arrays = dict[str, np.ndarray]


def packed(name: str, source: Path, side: int) -> Arrays:
    """The arrays of a pack of one set.

    Args:
        name: of the set.
        source: the folder with its .npz files.
        side: in pixels; larger pictures are cut to their central square and shrunk.

    Raises:
        UsageError: there is no such set.
        EdganError: its files are not there.
    """
    if name not in SETS:
        raise UsageError(f"There is no set {name!r} to pack. {near_miss(name, SETS)}")
    return SETS[name](name, source, side)


def _celeba(name: str, source: Path, side: int) -> Arrays:
    """Attributes as metadata, splits as folders: the first 80 % train, then 10 % each."""
    pack = _load(source / f"{name}.npz")
    count = len(pack["names"])
    splits = [next(s for s, share in CELEBA_SHARES.items() if place < share * count) for place in range(count)]
    names = [f"{split}/{PurePosixPath(str(n)).name}" for split, n in zip(splits, pack["names"], strict=True)]
    arrays = _files(names, [_shrunk(data, side) for data in _encoded(pack)], side)
    return {**arrays, "attr": pack["attr"].astype(np.uint8), "attr_names": pack["attr_names"]}


def _utkface(name: str, source: Path, side: int) -> Arrays:
    """The files' names say everything, so they stay."""
    pack = _load(source / f"{name}.npz")
    names = [PurePosixPath(str(n)).name for n in pack["names"]]
    return _files(names, [_shrunk(data, side) for data in _encoded(pack)], side)


def _facades(name: str, source: Path, side: int) -> Arrays:
    """Photo and label map side by side, splits as folders."""
    names: list[str] = []
    pictures: list[bytes] = []
    for split in ("train", "val", "test"):
        pack = _load(source / f"{name}_{split}.npz")
        names += [f"{split}/{PurePosixPath(str(n)).name}" for n in pack["names"]]
        pictures += [_shrunk_pair(data, side) for data in _encoded(pack)]
    return _files(names, pictures, side)


def _digits(name: str, source: Path, _side: int) -> Arrays:
    """As they are; in an order of their own where a set is grouped by class."""
    arrays: Arrays = {"layout": np.array("idx")}
    for split in ("train", "test"):
        pack = _load(source / f"{name}_{split}.npz")
        order = np.random.default_rng(0).permutation(len(pack["images"]))
        arrays |= {f"{split}_images": pack["images"][order], f"{split}_labels": pack["labels"][order]}
    return {**arrays, "side": np.array(arrays["train_images"].shape[1])}


SETS: Mapping[str, Callable[[str, Path, int], Arrays]] = {
    "celeba": _celeba,
    "utkface": _utkface,
    "facades": _facades,
    "mnist": _digits,
    "fashion-mnist": _digits,
}


def _load(path: Path) -> Arrays:
    try:
        with np.load(path) as contents:
            return {name: contents[name] for name in contents.files}
    except FileNotFoundError:
        raise EdganError(f"{path} is not there. Give the folder that holds the sets' .npz files with --from.") from None


def _encoded(pack: Arrays) -> Iterator[bytes]:
    for start, stop in zip(pack["offsets"][:-1], pack["offsets"][1:], strict=True):
        yield pack["data"][start:stop].tobytes()


def _files(names: list[str], pictures: list[bytes], side: int) -> Arrays:
    return {
        "layout": np.array("files"),
        "side": np.array(side),
        "names": np.array(names),
        "data": np.frombuffer(b"".join(pictures), dtype=np.uint8),
        "offsets": np.cumsum([0, *map(len, pictures)]),
    }


def _shrunk(data: bytes, side: int) -> bytes:
    image = picture(data)
    return data if max(image.size) <= side else _jpeg(SQUARE.fit(image, side))


def _shrunk_pair(data: bytes, side: int) -> bytes:
    """Each half by itself, so that neither shows at the other's edge."""
    image = picture(data)
    if image.height <= side:
        return data
    half, page = image.width // 2, Image.new("RGB", (2 * side, side))
    page.paste(SQUARE.fit(image.crop((0, 0, half, image.height)), side), (0, 0))
    page.paste(SQUARE.fit(image.crop((half, 0, 2 * half, image.height)), side), (side, 0))
    return _jpeg(page)


def _jpeg(image: Image.Image) -> bytes:
    stream = io.BytesIO()
    image.save(stream, "JPEG", quality=QUALITY, subsampling=0)
    return stream.getvalue()
