"""Pairs in two folders: A/ and B/, or images/ and labels/, matched by stem."""

from __future__ import annotations

from pathlib import PurePosixPath

import numpy as np

from edgan.data import decode
from edgan.data.listing import Listing, Pairing
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
    """images/ holds the images, labels/ their sources: maps of class indices when single-channel, else colours."""
    return _read(tree, "images-labels", "images", "labels")


def _only_in(tree: Tree, first: str, second: str) -> bool:
    sides = set()
    for name in tree.images():
        sides.add(_side(name, first, second))
        if None in sides:
            return False
    return len(sides) == 2


def _side(name: str, first: str, second: str) -> str | None:
    found = [folder for folder in name.split("/")[:-1] if folder in (first, second)]
    return found[0] if len(found) == 1 else None


def _read(tree: Tree, kind: str, first: str, second: str) -> Listing:
    images, images_twice = _by_key(tree, first, second, first)
    sources, sources_twice = _by_key(tree, first, second, second)
    skipped = [(name, f"{second}/ has no file of this stem") for key, name in images.items() if key not in sources]
    skipped += [(name, f"{first}/ has no file of this stem") for key, name in sources.items() if key not in images]
    skipped += [(name, "another file has the same stem") for name in images_twice + sources_twice]
    keys = [key for key in images if key in sources]
    if not keys:
        raise EdganError(
            f"No file in {first}/ of {tree.path} has a partner of the same stem in {second}/: "
            f"{_some(images)} on one side, {_some(sources)} on the other. Give partners the same name."
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
    """Path without the side's folder and the suffix -> name, for one side; and names whose key was taken."""
    found: dict[str, str] = {}
    twice = []
    for name in tree.images():
        if _side(name, first, second) == side:
            path = PurePosixPath(name)
            key = "/".join([*(folder for folder in path.parts[:-1] if folder != side), path.stem])
            if key in found:
                twice.append(name)
            else:
                found[key] = name
    return found, twice


def _splits(keys: list[str]) -> np.ndarray | None:
    """A split wherever the pair lies in a train/, val/ or test/ folder, whether that is outside A/ or inside it."""
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
