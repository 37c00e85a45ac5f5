"""Pairs in two folders: A/ and B/, or images/ and labels/, matched by stem."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np

from edgan.data import decode
from edgan.data.listing import Listing, Pairing
from edgan.data.readers.reader import Reader
from edgan.data.splits import FOLDERS
from edgan.data.tree import Tree
from edgan.errors import EdganError


def recognises_a_b(tree: Tree) -> bool:
    """True when every image lies in a folder A or B, at any depth, and both are there."""
    return _only_in(tree, "A", "B")


def recognises_images_labels(tree: Tree) -> bool:
    """True when every image lies in a folder images or labels, at any depth, and both are there."""
    return _only_in(tree, "images", "labels")


def read_a_b(tree: Tree) -> Listing:
    """A/ holds the images, B/ their sources, both in colour."""
    return _read(tree, "a-b", "A", "B")


def read_images_labels(tree: Tree) -> Listing:
    """images/ holds the images, labels/ their sources: class-index maps when single-channel, else colours."""
    return _read(tree, "images-labels", "images", "labels")


def _only_in(tree: Tree, first: str, second: str) -> bool:
    sides = set()
    for name in tree.images():
        sides.add(_side(name, first, second))
        if None in sides:
            return False
    return len(sides) == 2


def _side(name: str, first: str, second: str) -> str | None:
    sides = [folder for folder in name.split("/")[:-1] if folder in (first, second)]
    return sides[0] if len(sides) == 1 else None


def _read(tree: Tree, kind: str, first: str, second: str) -> Listing:
    images, images_twice = _by_key(tree, first, second, first)
    sources, sources_twice = _by_key(tree, first, second, second)
    skipped = [(name, f"{second}/ has no file with this stem") for key, name in images.items() if key not in sources]
    skipped += [(name, f"{first}/ has no file with this stem") for key, name in sources.items() if key not in images]
    skipped += [(name, "another file has the same stem") for name in images_twice + sources_twice]
    keys = [key for key in images if key in sources]
    if not keys:
        raise EdganError(
            f"No file in {first}/ of {tree.path} has a partner with the same stem in {second}/: "
            f"{_some(images)} on one side, {_some(sources)} on the other. Give both files of a pair the same name."
        )
    names = [images[key] for key in keys]
    partners = [sources[key] for key in keys]
    pairing = _pairing(tree, partners) if kind == "images-labels" else Pairing.COLOURS
    return Listing(
        kind,
        names,
        lambda position: (tree.read(names[position]), tree.read(partners[position])),
        [*names, *partners],
        pairing,
        split=_splits(keys),
        skipped=sorted(skipped),
    )


def _by_key(tree: Tree, first: str, second: str, side: str) -> tuple[dict[str, str], list[str]]:
    """For one side: path without the side's folder and the suffix to name; and names whose key was taken."""
    by_key: dict[str, str] = {}
    twice = []
    for name in tree.images():
        if _side(name, first, second) == side:
            path = PurePosixPath(name)
            key = "/".join([*(folder for folder in path.parts[:-1] if folder != side), path.stem])
            if key in by_key:
                twice.append(name)
            else:
                by_key[key] = name
    return by_key, twice


def _splits(keys: list[str]) -> np.ndarray | None:
    """The split of each pair that lies in a train/, val/ or test/ folder, outside A/ or inside it; "" elsewhere."""
    splits = [next((FOLDERS[f.lower()] for f in key.split("/")[:-1] if f.lower() in FOLDERS), "") for key in keys]
    return np.array(splits, dtype="<U5") if "train" in splits else None


def _pairing(tree: Tree, partners: list[str]) -> Pairing:
    """INDICES when the first label map that can be opened has one channel or a palette."""
    for name in partners:
        try:
            _, mode = decode.header(tree.read(name))
        except (decode.UndecodableError, OSError):
            continue
        return Pairing.INDICES if mode in decode.GREY_MODES | {"P"} else Pairing.COLOURS
    return Pairing.INDICES


def _some(names: dict[str, str]) -> str:
    return ", ".join(list(names.values())[:3]) or "nothing"


A_B = Reader("a-b", recognises_a_b, read_a_b, recognises_pairs=recognises_a_b)
IMAGES_LABELS = Reader(
    "images-labels", recognises_images_labels, read_images_labels, recognises_pairs=recognises_images_labels
)
