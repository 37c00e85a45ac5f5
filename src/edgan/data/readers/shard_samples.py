"""What the shards of a WebDataset hold, sample by sample, in little memory."""

from __future__ import annotations

import json
import posixpath
import sys
from array import array
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any

from edgan.data.readers.annotation import left_out as grouped
from edgan.data.readers.annotation import visible
from edgan.data.readers.columns import LABEL, as_number, blank
from edgan.data.tar_members import Member, read_span
from edgan.data.tree import image_suffixes
from edgan.errors import counted

MOST_NOTE_BYTES = 2**20
MOST_COLUMNS = 256
MOST_TEXTS = 1000
"""Different texts in .txt files beyond which these are captions and not classes."""
STATE = ("names", "columns", "skipped", "_texts", "_text", "_broken", "_alone")


class Samples:
    """The samples of shards, about 100 bytes each, and 8 to 32 for each of its numbers.

    Attributes:
        paths: of the shards.
        names: of the samples' images, "SHARD/MEMBER".
        shard, offset, size: of each, in bytes: which shard it lies in and where.
        columns: name to a cell for each sample.
        skipped: (file, reason) for what is not used.
    """

    def __init__(self, paths: Sequence[Path]) -> None:
        """No samples yet."""
        self.paths = paths
        self._suffixes = image_suffixes()  # asks for a package, which takes longer than all else here
        self.names: list[str] = []
        self.shard, self.offset, self.size = array("q"), array("q"), array("q")
        self.columns: dict[str, list[Any]] = {}
        self.skipped: list[tuple[str, str]] = []
        self._texts: dict[str, str] | None = {}
        self._text: list[str | None] = []
        self._first_text: dict[str, str] = {}
        self._broken: list[str] = []
        self._alone: list[str] = []

    def state(self) -> dict[str, Any]:
        """All of it as plain data for `restored`; taken before `kept`, which concludes the reading."""
        plain = {name: list(getattr(self, name)) for name in ("shard", "offset", "size")}
        return {**{name: getattr(self, name) for name in STATE}, **plain}

    @classmethod
    def restored(cls, paths: Sequence[Path], state: dict[str, Any]) -> Samples:
        """The samples that gave this state, of the same shards."""
        samples = cls(paths)
        for name in STATE:
            setattr(samples, name, state[name])
        for name in ("shard", "offset", "size"):
            setattr(samples, name, array("q", state[name]))
        samples.skipped = [(file, why) for file, why in state["skipped"]]
        if LABEL in samples.columns:  # as `_put` keeps them: each class once
            cells = samples.columns[LABEL]
            samples.columns[LABEL] = [sys.intern(cell) if isinstance(cell, str) else cell for cell in cells]
        return samples

    def add(self, number: int, shard: str, members: Iterable[Member]) -> None:
        """Take the members of one key."""
        pictures, notes = [], {}
        for member in members:
            suffix = posixpath.splitext(member.name)[1].lower()
            if suffix in self._suffixes:
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
