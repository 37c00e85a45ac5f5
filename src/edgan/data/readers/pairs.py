"""Pairs in two folders, matched by stem: A/ and B/, images/ and labels/, or trainA/ and trainB/."""

from __future__ import annotations

import re
from pathlib import PurePosixPath

import numpy as np

from edgan.data import decode
from edgan.data.listing import Listing, Pairing
from edgan.data.readers.annotation import AnnotationError, left_out
from edgan.data.readers.folder import few
from edgan.data.readers.reader import Reader
from edgan.data.splits import FOLDERS
from edgan.data.tree import Tree

SPLIT_SIDE = re.compile(r"(train|val|test)([AB])", re.IGNORECASE)


def recognises_a_b(tree: Tree) -> bool:
    """True when the images lie in a folder A or B, at any depth, but for a few, and both are there.

    The folders may also be a and b, or trainA, trainB, testA and testB, if their files have the same stems.
    """
    return _recognises(tree, "A", "B")


def recognises_images_labels(tree: Tree) -> bool:
    """True when the images lie in a folder images or labels, at any depth, but for a few, and both are there.

    The folders may also be Images and Labels, if their files have the same stems.
    """
    return _recognises(tree, "images", "labels")


def read_a_b(tree: Tree) -> Listing:
    """A/ holds the images, B/ their sources, both in colour."""
    return _read(tree, "a-b", "A", "B")


def read_images_labels(tree: Tree) -> Listing:
    """images/ holds the images, labels/ their sources: class-index maps when single-channel, else colours."""
    return _read(tree, "images-labels", "images", "labels")


def _recognises(tree: Tree, first: str, second: str) -> bool:
    names = tree.images()
    sides = [_side(name, first, second) for name in names]
    if not {first, second} <= set(sides) or not few(sides.count(None), len(names)):
        return False
    if any(folder in (first, second) for name in names for folder in name.split("/")[:-1]):
        return True
    # Folders a and b may as well be classes; files of the same names make them pairs.
    images, sources = (set(_by_key(tree, first, second, side)[0]) for side in (first, second))
    return few(len(images ^ sources), len(images | sources))


def _side(name: str, first: str, second: str) -> str | None:
    """`first` or `second`: the side whose folder the file lies in; None in neither or both."""
    sides = [side for folder in name.split("/")[:-1] if (side := _folder(folder, first, second)[0])]
    return sides[0] if len(sides) == 1 else None


def _folder(folder: str, first: str, second: str) -> tuple[str | None, str]:
    """(the side that a folder stands for or None, the split that it names or "")."""
    sides = {first.lower(): first, second.lower(): second}
    if folder.lower() in sides:
        return sides[folder.lower()], ""
    both = SPLIT_SIDE.fullmatch(folder)
    if both and both[2].lower() in sides:
        return sides[both[2].lower()], both[1].lower()
    return None, ""


def _read(tree: Tree, kind: str, first: str, second: str) -> Listing:
    images, images_twice = _by_key(tree, first, second, first)
    sources, sources_twice = _by_key(tree, first, second, second)
    outside = [name for name in tree.images() if _side(name, first, second) is None]
    skipped = left_out([images[key] for key in images.keys() - sources.keys()], f"{second}/ has no file with this stem")
    skipped += left_out(
        [sources[key] for key in sources.keys() - images.keys()], f"{first}/ has no file with this stem"
    )
    skipped += left_out(images_twice + sources_twice, "another file has the same stem")
    skipped += left_out(outside, f"neither in {first}/ nor in {second}/")
    keys = [key for key in images if key in sources]
    if not keys:
        raise AnnotationError(
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
            folders = [_key_of(folder, first, second) for folder in path.parts[:-1]]
            key = "/".join([*filter(None, folders), path.stem])
            if key in by_key:
                twice.append(name)
            else:
                by_key[key] = name
    return by_key, twice


def _key_of(folder: str, first: str, second: str) -> str:
    """A folder as both sides have it: "" for A, "train" for trainA."""
    side, split = _folder(folder, first, second)
    return folder if side is None else split


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
