"""What verbs show of their pictures besides writing them: a contact sheet and animations, alike for all verbs."""

from __future__ import annotations

import io
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

from PIL import Image
from torch import Tensor

from edgan.api.destinations import make_folder
from edgan.errors import UsageError, counted
from edgan.models.animation import MILLISECONDS, animated, check_form, forth_and_back
from edgan.models.contact_sheet import Row, contact_sheet, most_rows, shown
from edgan.models.frames import MOST_PICTURES, grid_frame
from edgan.models.model import Model
from edgan.models.pixels import to_image
from edgan.paths import expand
from edgan.processes import Processes
from edgan.storage.durable import write_bytes_atomic
from edgan.storage.zoo import is_zoo_name

MOST_ENLARGE = 16
MOST_COLUMNS = 16
SHEET_FORMATS = {".png": "PNG", ".jpg": "JPEG", ".jpeg": "JPEG"}
JPEG_QUALITY = 92
HOLD = 5
"""The ends of an animation that goes forth and back are shown this many times as long as the other frames."""


@dataclass(frozen=True)
class Shows:
    """The files that a verb shows its pictures in.

    Attributes:
        sheet: a contact sheet; None for none.
        animations: by form, "gif", "webp" or "mp4".
        enlarge: side of a pixel of the pictures in pixels of what is written.
    """

    sheet: Path | None = None
    animations: Mapping[str, Path] | None = None
    enlarge: int = 1

    @property
    def files(self) -> list[Path]:
        """All of them."""
        return [*([] if self.sheet is None else [self.sheet]), *(self.animations or {}).values()]

    def refuse_taken(self, files: Collection[Path]) -> None:
        """Refuse a file that a verb also writes a picture to.

        Raises:
            UsageError: names it.
        """
        if not self.files:
            return
        taken = {file.resolve() for file in files}
        for file in self.files:
            if file.resolve() in taken:
                raise UsageError(f"{file} cannot be a sheet or an animation: a picture is written there. Rename it.")


def shows(
    source: str | Path | None = None,
    *,
    sheet: str | Path | None = None,
    enlarge: int = 1,
    gif: str | Path | None = None,
    webp: str | Path | None = None,
    mp4: str | Path | None = None,
) -> Shows:
    """The options of a verb, checked before it works.

    Args:
        source: the verb's input, which nothing may replace.
        sheet: ends in .png, .jpg or .jpeg.
        enlarge: 1 to 16.
        gif, webp, mp4: end in .gif, .webp and .mp4.

    Raises:
        UsageError: a name that ends otherwise, is a folder, or would replace the input or be read with it the next
            time; an MP4 without ffmpeg; `enlarge` out of range.
    """
    if not 1 <= enlarge <= MOST_ENLARGE:
        raise UsageError(f"must be 1 to {MOST_ENLARGE} (got {enlarge}).", parameter="enlarge")
    page = None if sheet is None else _file(sheet, tuple(SHEET_FORMATS), "sheet", source)
    given = {"gif": gif, "webp": webp, "mp4": mp4}
    animations = {form: _file(path, (f".{form}",), form, source) for form, path in given.items() if path is not None}
    for form in animations:
        check_form(form)
    return Shows(page, animations, enlarge)


def _file(path: str | Path, suffixes: Sequence[str], parameter: str, source: str | Path | None) -> Path:
    file = expand(path)
    if file.suffix.lower() not in suffixes:
        raise UsageError(f"must end in {' or '.join(suffixes)} (got {file.name!r}).", parameter=parameter)
    if file.is_dir():
        raise UsageError(f"must be a file, but {file} is a folder.", parameter=parameter)
    if source is not None:
        origin, target = expand(source).resolve(), file.resolve()
        if target == origin or (origin.is_dir() and origin in target.parents):
            where = "is the input" if target == origin else f"lies in the input folder {origin}"
            raise UsageError(f"must be another file: {file} {where}.", parameter=parameter)
    return file


class Gallery:
    """Collects pictures while a verb goes through a folder, and shows them at the end.

    Only as many are kept as are shown.

    Args:
        wanted: what to show.
        title: of the sheet.
        note: of the sheet: the model, and what stands in the columns.
        columns: their headings.
        captions: of an animation's frames, which are the last columns.
        tell: called with a sentence where inputs are left out.
    """

    def __init__(
        self,
        wanted: Shows,
        title: str,
        note: str,
        columns: Sequence[str],
        captions: Sequence[str] = (),
        tell: Callable[[str], None] = lambda _: None,
    ) -> None:
        self.wanted, self._title, self._note = wanted, title, note
        self._columns, self._captions, self._tell = list(columns), list(captions), tell
        self._in_sheet = most_rows(min(len(columns), MOST_COLUMNS)) if wanted.sheet else 0
        self._most = max(self._in_sheet, MOST_PICTURES if wanted.animations else 0)
        self._rows: list[Row] = []
        self._count = 0

    @property
    def takes(self) -> bool:
        """Whether pictures that come now are shown."""
        return len(self._rows) < self._most

    def add(self, labels: Sequence[str], columns: Sequence[Tensor]) -> None:
        """Take inputs with their pictures.

        Args:
            labels: n, of the inputs.
            columns: for each heading (n, C, H, W) in [-1, 1].
        """
        for place, label in enumerate(labels[: self._most - len(self._rows)]):
            # Large pictures are reduced now: all that are shown are in memory.
            self._rows.append(Row(label, tuple(shown(to_image(pictures[place]), 1) for pictures in columns)))

    def count(self, inputs: int) -> None:
        """Count inputs that were drawn, shown or not."""
        self._count += inputs

    def gather(self, processes: Processes) -> None:
        """Take together what each process has, whose inputs take turns."""
        gathered = processes.gathered((self._count, self._rows))
        self._count = sum(count for count, _ in gathered)
        turns = zip_longest(*(rows for _, rows in gathered))
        self._rows = [row for turn in turns for row in turn if row is not None][: self._most]

    def write(self) -> list[Path]:
        """Write what is wanted.

        Returns:
            The files.

        Raises:
            EdganError: a file could not be written.
        """
        files: list[Path] = []
        if self.wanted.sheet is not None:
            rows = self._rows[: self._in_sheet]
            which = first_of(len(rows), self._count, "image", "sheet", self._tell)
            note = f"{self._note} Rows: {which}."
            files.append(write_sheet(self.wanted, self._title, note, self._columns, rows))
        if self.wanted.animations:
            rows = self._rows[:MOST_PICTURES]
            first_of(len(rows), self._count, "image", "animation", self._tell)
            first = len(self._columns) - len(self._captions)
            frames = [
                grid_frame([row.pictures[place] for row in rows], caption, self.wanted.enlarge)
                for place, caption in enumerate(self._captions, first)
            ]
            files += write_animations(self.wanted, *swinging(frames))
        return files


def first_of(shown: int, count: int, noun: str, what: str, tell: Callable[[str], None]) -> str:
    """Which of the pictures a sheet or an animation shows; told where some are left out.

    Args:
        shown, count: how many are shown, and are there.
        noun: of one of them.
        what: "sheet" or "animation".
        tell: called with a sentence.

    Returns:
        "12 images", "the first 64 of 897 images".
    """
    if shown == count:
        return counted(count, noun)
    first = f"the first {shown:,} of {counted(count, noun)}"
    tell(f"The {what} shows {first}; {count - shown:,} are left out of it.")
    return first


def swinging(frames: Sequence[Image.Image]) -> tuple[list[Image.Image], list[int]]:
    """The frames forth and back, and how long each is shown: the two ends for longer."""
    last = len(frames) - 1
    durations = [MILLISECONDS * (HOLD if place in (0, last) else 1) for place in range(2 * last or 1)]
    return forth_and_back(frames), durations


def write_sheet(wanted: Shows, title: str, note: str, columns: Sequence[str], rows: Sequence[Row]) -> Path:
    """Write the contact sheet. Of more than 16 columns, 16 are shown, equally far apart, and the note says so.

    Raises:
        EdganError: it could not be written.
    """
    assert wanted.sheet is not None
    if len(columns) > MOST_COLUMNS:
        places = [round(k * (len(columns) - 1) / (MOST_COLUMNS - 1)) for k in range(MOST_COLUMNS)]
        note = f"{note} {MOST_COLUMNS} of {len(columns)} columns are shown."
        columns = [columns[place] for place in places]
        rows = [Row(row.label, tuple(row.pictures[place] for place in places)) for row in rows]
    page = contact_sheet(title, note, columns, rows, wanted.enlarge)
    buffer = io.BytesIO()
    page.save(buffer, SHEET_FORMATS[wanted.sheet.suffix.lower()], quality=JPEG_QUALITY, optimize=True)
    return _write(wanted.sheet, buffer.getvalue())


def write_animations(wanted: Shows, frames: Sequence[Image.Image], milliseconds: Sequence[int]) -> list[Path]:
    """Write every animation that is wanted, of equal frames.

    Raises:
        EdganError: one could not be written.
    """
    animations = wanted.animations or {}
    return [_write(path, animated(frames, form, milliseconds)) for form, path in animations.items()]


def run_name(run: str | Path) -> str:
    """A run as titles name it: its folder's name, or "zoo:NAME"."""
    return str(run) if is_zoo_name(run) else expand(run).resolve().name


def model_note(model: Model) -> str:
    """A model as a sheet's note names it: its method and checkpoint, as a sentence."""
    return f"{model.method.name}{'' if model.checkpoint is None else f', {model.checkpoint}'}."


def _write(path: Path, data: bytes) -> Path:
    make_folder(path.parent)
    write_bytes_atomic(path, data)
    return path
