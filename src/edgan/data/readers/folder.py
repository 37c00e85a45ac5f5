"""Images in folders, nested as they are, or one folder for each class."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.reader import Reader
from edgan.data.splits import FOLDERS
from edgan.data.tree import Tree


def recognises_images(tree: Tree) -> bool:
    """True when there is any image."""
    return bool(tree.images())


def read_images(tree: Tree) -> Listing:
    """Every image; the split where train/, val/ and test/ folders give one."""
    names = tree.images()
    split, _ = split_by_folder(names)
    return Listing("images", names, file_bytes(tree, names), names, split=split)


def recognises_classes(tree: Tree) -> bool:
    """True when every image lies in exactly one folder below the root, or below train/, val/ and test/."""
    _, inner = split_by_folder(tree.images())
    folders = {name.rpartition("/")[0] for name in inner}
    return len(folders) > 1 and "" not in folders and not any("/" in folder for folder in folders)


def read_classes(tree: Tree) -> Listing:
    """Every image, labelled with the name of its folder; labels are numbered in name order."""
    names = tree.images()
    split, inner = split_by_folder(names)
    folders = [name.partition("/")[0] if "/" in name else "" for name in inner]
    label_names = tuple(sorted(set(folders)))
    places = {name: place for place, name in enumerate(label_names)}
    label = np.array([places[folder] for folder in folders], dtype=np.int64)
    return Listing(
        "class-folders", names, file_bytes(tree, names), names, label=label, label_names=label_names, split=split
    )


def split_by_folder(names: list[str]) -> tuple[np.ndarray | None, list[str]]:
    """The split of each image by its outermost folder, and the names without that folder.

    Only when all lie in train/, val/ or test/ (or training/, valid/, validation/) and train/ is among them; otherwise
    the splits are None and the names as they are.
    """
    paths = [name.partition("/") for name in names]
    splits = [FOLDERS.get(first.lower(), "") if slash else "" for first, slash, _ in paths]
    if "" in splits or "train" not in splits:
        return None, names
    return np.array(splits, dtype="<U5"), [rest for _, _, rest in paths]


def file_bytes(tree: Tree, names: list[str]) -> Callable[[int], tuple[bytes, ...]]:
    """A `Listing.read` for images that are a file each."""
    return lambda position: (tree.read(names[position]),)


CLASSES = Reader("class-folders", recognises_classes, read_classes)
IMAGES = Reader("images", recognises_images, read_images)
