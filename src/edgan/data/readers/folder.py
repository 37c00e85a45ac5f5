"""Images in folders, nested as they are, or one folder for each class."""

from __future__ import annotations

import posixpath
import re
from collections.abc import Callable, Sequence

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.annotation import left_out
from edgan.data.readers.reader import Reader
from edgan.data.splits import FOLDERS
from edgan.data.tree import Tree

STRAY_SHARE = 0.05
PAIRS = ({"A", "B"}, {"images", "labels"})  # with files that do not match; they are no classes for that
WORD = re.compile(r"[A-Za-z]+")
UNPAIRED = re.compile(r"(train|val|test)[AB]")


def recognises_images(tree: Tree) -> bool:
    """True when there is any image."""
    return bool(tree.images())


def read_images(tree: Tree) -> Listing:
    """Every image; the split where train/, val/ and test/ folders give one."""
    names = tree.images()
    split, _ = split_by_folder(names)
    return Listing("images", names, file_bytes(tree, names), names, split=split, notes=_strays(names, split))


def recognises_classes(tree: Tree) -> bool:
    """True when the images lie in folders, two or more, below the root or below train/, val/ and test/.

    A few may lie elsewhere, and a val/ or test/ may hold its images without classes.
    """
    names = tree.images()
    folders = _class_folders(names)
    classes = {folder.partition("/")[0] for folder in folders if folder}
    if len(classes) < 2 or classes in PAIRS or all(UNPAIRED.fullmatch(name) for name in classes):
        return False
    flat = _unlabelled_splits(names, folders)
    outside = sum(folder is None for folder in folders) - len(flat)
    deeper = sum(folder is not None and "/" in folder for folder in folders)
    return few(outside + deeper, len(names) - len(flat))


def read_classes(tree: Tree) -> Listing:
    """Every image in a class's folder, labelled with that folder's name; labels are numbered in name order."""
    everything = tree.images()
    folders = _class_folders(everything)
    label_names = tuple(sorted({folder.partition("/")[0] for folder in folders if folder is not None}))
    names = [name for name, folder in zip(everything, folders, strict=True) if folder is not None]
    places = {name: place for place, name in enumerate(label_names)}
    label = np.array([places[folder.partition("/")[0]] for folder in folders if folder is not None], dtype=np.int64)
    outside = [name for name, folder in zip(everything, folders, strict=True) if folder is None]
    split, _ = split_by_folder(names)
    return Listing(
        "class-folders",
        names,
        file_bytes(tree, names),
        names,
        label=label,
        label_names=label_names,
        split=split,
        skipped=left_out(outside, "in no class's folder; the layout images takes it too, without classes"),
        notes=_strays(names, split),
    )


def _class_folders(names: Sequence[str]) -> list[str | None]:
    """For each image the folders below its split's, or below the root; None where there is none."""
    split, inner = split_by_folder(list(names))
    outside = [split is not None and not split[place] for place in range(len(names))]
    folders = [name.rpartition("/")[0] for name in inner]
    return [None if is_outside or not folder else folder for is_outside, folder in zip(outside, folders, strict=True)]


def _unlabelled_splits(names: Sequence[str], folders: Sequence[str | None]) -> list[str]:
    """The images of val/ and test/ where these hold no class's folder at all."""
    split, _ = split_by_folder(list(names))
    if split is None:
        return []
    with_classes = {name for name, folder in zip(split.tolist(), folders, strict=True) if folder is not None}
    flat = {"val", "test"} - with_classes
    return [name for name, its_split in zip(names, split.tolist(), strict=True) if its_split in flat]


def split_by_folder(names: list[str]) -> tuple[np.ndarray | None, list[str]]:
    """The split of each image by its outermost folder, and the names without that folder.

    Only when they lie in train/, val/ or test/ (or training/, valid/, validation/), but for a few, and train/ is among
    them; otherwise the splits are None and the names as they are. The split of an image elsewhere is "".
    """
    paths = [name.partition("/") for name in names]
    splits = [FOLDERS.get(first.lower(), "") if slash else "" for first, slash, _ in paths]
    if "train" not in splits or not few(splits.count(""), len(names)):
        return None, names
    inner = [rest if split else name for split, (_, _, rest), name in zip(splits, paths, names, strict=True)]
    return np.array(splits, dtype="<U5"), inner


def split_by_word(files: Sequence[str], file_of: np.ndarray) -> np.ndarray | None:
    """The splits that the names of the files tell ("imagenet-train-000000.tar"), if "train" is among them."""
    words = ([FOLDERS.get(word.lower()) for word in WORD.findall(posixpath.basename(file))] for file in files)
    splits = [next((split for split in said if split is not None), "") for said in words]
    return np.array(splits, dtype="<U5")[file_of] if "train" in splits else None


def few(count: int, total: int) -> bool:
    """Whether so few of the images are out of place that the others still decide the layout: 5 %, or a single one."""
    return count <= max(STRAY_SHARE * total, 1 if total > 3 else 0)


def _strays(names: Sequence[str], split: np.ndarray | None) -> list[str]:
    """A note on images outside the folders of the splits, which count as training images."""
    outside = [] if split is None else [name for name, its in zip(names, split.tolist(), strict=True) if not its]
    if not outside:
        return []
    more = ", ..." if len(outside) > 3 else ""
    return [f"Outside train/, val/ and test/, and taken for training: {', '.join(outside[:3])}{more}."]


def file_bytes(tree: Tree, names: list[str]) -> Callable[[int], tuple[bytes, ...]]:
    """A `Listing.read` for images that are a file each."""
    return lambda position: (tree.read(names[position]),)


CLASSES = Reader("class-folders", recognises_classes, read_classes)
IMAGES = Reader("images", recognises_images, read_images)
