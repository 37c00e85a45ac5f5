"""What lies among the images and was not read, and layouts that nearly fit: notes that say what to do."""

from __future__ import annotations

import posixpath
from collections.abc import Collection, Iterable

from edgan.data.listing import Listing, Pairing
from edgan.data.readers import celeba, huggingface, metadata, webdataset
from edgan.data.readers.folder import UNPAIRED
from edgan.data.readers.side_by_side import all_twice_as_wide
from edgan.data.tree import Tree

ARCHIVES = (".zip", ".tar", ".tar.gz", ".tgz", ".7z", ".rar", ".parquet", ".arrow", ".tfrecord", ".mat", ".h5", ".hdf5")
TABLES = (".csv", ".tsv", ".jsonl", ".xlsx", ".ods", ".json")
READ = {*metadata.FILES, *celeba.ATTRIBUTES, *celeba.PARTITION, *huggingface.FILES}
INDOORS = frozenset({"run.json", "report.json", "factors.jsonl"})
"""Files that edgan itself writes beside images."""
ACCOMPANYING = INDOORS | set(huggingface.FILES)
SIDES = ({"input", "target"}, {"input", "output"}, {"source", "target"}, {"photo", "label"}, {"photos", "labels"},
         {"image", "label"}, {"image", "mask"}, {"images", "masks"}, {"x", "y"})  # fmt: skip


def notes_on(tree: Tree, listing: Listing) -> list[str]:
    """Sentences on what a person may have expected to be read and was not."""
    notes = archives_in(tree, listing.files)
    pictures = tree.unread_pictures()
    if pictures is not None:
        notes.append(pictures)
    in_tables = listing.kind in (webdataset.KIND, huggingface.KIND)
    plain = not in_tables and listing.attributes is None and listing.label is None
    tables = _unread_tables(tree) if plain else []
    notes += tables
    told = (*ARCHIVES, *TABLES) if tables else ARCHIVES
    mentioned = [name for name in tree.stats if name.lower().endswith(told) or posixpath.basename(name) in ACCOMPANYING]
    others = tree.unread_files([*listing.files, *mentioned])
    if others is not None:
        notes.append(others)
    if listing.pairing is Pairing.NONE:
        notes += _near_pairs(tree)
    return notes


def archives_in(tree: Tree, opened: Collection[str] = ()) -> list[str]:
    """A note on archives in a folder, but for those opened, which are not read."""
    read = set(opened)
    archives = [name for name in tree.stats if name.lower().endswith(ARCHIVES) and name not in read]
    if not archives:
        return []
    them = "it" if len(archives) == 1 else "them"
    return [f"{_some(archives)} in {tree.path} is not opened. Where it holds the images, unpack {them} there."]


def _unread_tables(tree: Tree) -> list[str]:
    names = [name for name in tree.stats if name.lower().endswith(TABLES)]
    unread = [name for name in names if posixpath.basename(name) not in READ | INDOORS]
    if not unread:
        return []
    return [
        f"{_some(unread)} in {tree.path} is not read. Attributes and labels come from a metadata.csv or "
        "metadata.jsonl that names the images in a column file_name; docs/data.md shows one."
    ]


def _near_pairs(tree: Tree) -> list[str]:
    folders = {folder for name in tree.images() for folder in name.split("/")[:-1]}
    if any(UNPAIRED.fullmatch(folder) for folder in folders):
        return [
            "Folders such as trainA/ and trainB/ are pairs where their files have the same stems. These have not: they "
            "are read as single images."
        ]
    lower = {folder.lower() for folder in folders}
    near = next((sides for sides in SIDES if sides <= lower), None)
    if near is not None:
        first, second = sorted(near)
        return [
            f"If the folders {first}/ and {second}/ hold pairs, rename the one with the images to A/ and the one with "
            "their sources to B/, and give both files of a pair the same stem."
        ]
    if all_twice_as_wide(tree):
        return [
            "All images are exactly twice as wide as high. If each is a pair, an image and its source side by side, "
            "ask for the layout side-by-side (the setting layout=side-by-side)."
        ]
    return []


def _some(names: Iterable[str], most: int = 3) -> str:
    names = list(names)
    return ", ".join(names[:most]) + (f" and {len(names) - most} more" if len(names) > most else "")
