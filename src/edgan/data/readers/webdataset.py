"""WebDataset: .tar shards whose members with one key are a sample, such as 7.jpg, 7.json and 7.cls."""

from __future__ import annotations

import itertools
import json
import posixpath
import re
import sys
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, overload

import numpy as np

from edgan.data.files import MAX_IMAGE_BYTES
from edgan.data.listing import Listing
from edgan.data.readers.annotation import left_out as grouped
from edgan.data.readers.annotation import visible
from edgan.data.readers.columns import LABEL, as_number, blank, read_columns
from edgan.data.readers.folder import split_by_folder
from edgan.data.readers.reader import Reader
from edgan.data.readers.table import Row
from edgan.data.splits import FOLDERS
from edgan.data.tar_members import Member, members_of, read_span
from edgan.data.tree import Tree, image_suffixes
from edgan.data.turns import charge
from edgan.errors import counted

KIND = "webdataset"
SUFFIX = ".tar"
MOST_NOTE_BYTES = 2**20
MOST_COLUMNS = 256
MOST_TEXTS = 1000
"""Different texts in .txt files beyond which these are captions and not classes."""
WORD = re.compile(r"[A-Za-z]+")


def recognises(tree: Tree) -> bool:
    """True when there are .tar files and no images beside them."""
    return bool(shards_in(tree)) and not tree.images()


def shards_in(tree: Tree) -> list[str]:
    """The names of the .tar files, in name order; those inside a .zip are not read."""
    return [name for name in tree.stats if name.lower().endswith(SUFFIX)] if tree.on_disk else []


def read(tree: Tree) -> Listing:
    """Every sample with an image, in the order of the shards and of their members.

    A number or class name in .cls is the label, numbers in .json are attributes, and so is `label` there the label.
    A .txt is the label where the same few texts come again and again; otherwise it is a caption, and not read. An
    image without a label is left out, unless most have none.
    """
    shards = shards_in(tree)
    samples = _Samples([tree.place(name) for name in shards])
    for number, shard in enumerate(shards):
        members = members_of(tree.place(shard), shard, samples.skipped)
        for _, group in itertools.groupby(members, key=lambda member: _key(member.name)):
            samples.add(number, shard, list(group))
    keep = samples.kept()
    paths, names = samples.paths, [samples.names[place] for place in keep]
    shard_of, offset, size = (
        np.array(column, np.int64)[np.array(keep, np.int64)] for column in (samples.shard, samples.offset, samples.size)
    )

    def image(position: int) -> tuple[bytes, ...]:
        charge(int(size[position]))
        path = paths[shard_of[position]]
        return (read_span(path, int(offset[position]), int(size[position]), MAX_IMAGE_BYTES),)

    split = split_by_folder(names)[0]
    if split is None:
        split = _split_by_word(shards, shard_of)
    listing = Listing(KIND, names, image, shards, split=split, skipped=samples.skipped, notes=samples.notes())
    rows = _Rows(names, {column: [cells[place] for place in keep] for column, cells in samples.columns.items()})
    if rows.columns and names:
        read_columns(listing, tree.path, rows, ())
    return listing


class _Samples:
    """What the shards hold: about 100 bytes for a sample, and 8 to 32 for each of its numbers."""

    def __init__(self, paths: Sequence[Path]) -> None:
        self.paths = paths
        self.names: list[str] = []
        self.shard, self.offset, self.size = array("q"), array("q"), array("q")
        self.columns: dict[str, list[Any]] = {}
        self.skipped: list[tuple[str, str]] = []
        self._texts: dict[str, str] | None = {}
        self._text: list[str | None] = []
        self._first_text: dict[str, str] = {}
        self._broken: list[str] = []
        self._alone: list[str] = []

    def add(self, number: int, shard: str, members: Iterable[Member]) -> None:
        """Take the members of one key."""
        pictures, notes = [], {}
        for member in members:
            suffix = posixpath.splitext(member.name)[1].lower()
            if suffix in image_suffixes():
                pictures.append(member)
            elif suffix in (".json", ".cls", ".txt"):
                notes[suffix] = member
            else:
                self._alone.append(f"{shard}/{member.name}")
        self._alone += [f"{shard}/{member.name}" for member in (notes.values() if not pictures else pictures[1:])]
        if not pictures:
            return
        place, picture = len(self.names), pictures[0]
        self.names.append(f"{shard}/{picture.name}")
        self.shard.append(number)
        self.offset.append(picture.offset)
        self.size.append(picture.size)
        path = self.paths[number]
        cells = self._json(path, shard, notes[".json"]) if ".json" in notes else {}
        if ".cls" in notes:
            cells[LABEL] = self._note(path, shard, notes[".cls"])
        for column, cell in cells.items():
            self._put(place, column, cell)
        self._text.append(self._known_text(self._note(path, shard, notes[".txt"])) if ".txt" in notes else None)

    def kept(self) -> list[int]:
        """The places of the samples to use: of equal names the last, and those with a label where most have one."""
        for cells in self.columns.values():
            cells += [None] * (len(self.names) - len(cells))
        if LABEL not in self.columns and self._texts and 2 * len(self._texts) <= len(self.names):
            self.columns[LABEL] = list(self._text)
        last = {name: place for place, name in enumerate(self.names)}
        again = [name for place, name in enumerate(self.names) if last[name] != place]
        self.skipped += grouped(again, "a later member has the same name")
        keep = list(last.values())
        labels = self.columns.get(LABEL, [])
        unlabelled = {place for place in keep if blank(labels[place])} if labels else set()
        if 0 < 2 * len(unlabelled) <= len(keep):
            self.skipped += grouped([self.names[place] for place in sorted(unlabelled)], "it has no label")
            keep = [place for place in keep if place not in unlabelled]
        self.skipped += grouped(self._alone, "not the image of a sample, nor its .json, .cls or .txt")
        return sorted(keep)

    def notes(self) -> list[str]:
        """Sentences on what was not understood."""
        said = []
        if self._broken:
            count = counted(len(self._broken), "annotation")
            said.append(f"{count} cannot be read, such as {self._broken[0]}. The images are used without.")
        if self._texts is None or 2 * len(self._texts) > len(self.names):
            said.append("The .txt files are captions, which are not read: hardly two are equal.")
        return said

    def _put(self, place: int, column: str, cell: Any) -> None:
        if column not in self.columns and len(self.columns) == MOST_COLUMNS:
            return
        if column != LABEL and isinstance(cell, str) and as_number(cell) is None and not blank(cell):
            # Only the first text of a column is told; addresses and captions of a million images would fill memory.
            cell = self._first_text.setdefault(column, visible(cell))
        if column == LABEL and isinstance(cell, str):
            cell = sys.intern(cell)
        cells = self.columns.setdefault(column, [])
        cells += [None] * (place - len(cells))
        cells.append(cell)

    def _json(self, path: Path, shard: str, member: Member) -> dict[str, Any]:
        try:
            record = json.loads(self._note(path, shard, member) or "null")
        except (ValueError, RecursionError):
            record = None
        if not isinstance(record, dict):
            self._broken.append(f"{shard}/{member.name}")
            return {}
        return {name.strip(): cell for name, cell in record.items() if not isinstance(cell, dict | list)}

    def _note(self, path: Path, shard: str, member: Member) -> str | None:
        try:
            return read_span(path, member.offset, member.size, MOST_NOTE_BYTES).decode("utf-8-sig").strip()
        except (OSError, UnicodeDecodeError):
            self._broken.append(f"{shard}/{member.name}")
            return None

    def _known_text(self, text: str | None) -> str | None:
        """The text, each different one kept once; None after so many that they are captions."""
        if self._texts is None or not text:
            return None
        known = self._texts.setdefault(text, text)
        if len(self._texts) > MOST_TEXTS:
            self._texts = None
        return known


class _Rows(Sequence[Row]):
    """Columns seen as the rows of a table, each made when it is asked for."""

    def __init__(self, names: Sequence[str], columns: dict[str, list[Any]]) -> None:
        self._names, self.columns = names, columns

    def __len__(self) -> int:
        return len(self._names)

    @overload
    def __getitem__(self, place: int) -> Row: ...
    @overload
    def __getitem__(self, place: slice) -> list[Row]: ...
    def __getitem__(self, place: int | slice) -> Row | list[Row]:
        if isinstance(place, slice):
            return [self[index] for index in range(*place.indices(len(self)))]
        name = self._names[place]
        return Row(name, name, {column: cells[place] for column, cells in self.columns.items()})


def _key(name: str) -> str:
    """The key of a member: its name up to the first dot after the last '/'."""
    folder, slash, base = name.rpartition("/")
    return f"{folder}{slash}{base.partition('.')[0]}"


def _split_by_word(shards: Sequence[str], shard_of: np.ndarray) -> np.ndarray | None:
    """The splits that the shards' names tell ("imagenet-train-000000.tar"), if "train" is among them."""
    words = ([FOLDERS.get(word.lower()) for word in WORD.findall(posixpath.basename(shard))] for shard in shards)
    splits = [next((split for split in said if split is not None), "") for said in words]
    return np.array(splits, dtype="<U5")[shard_of] if "train" in splits else None


READER = Reader(KIND, recognises, read)
