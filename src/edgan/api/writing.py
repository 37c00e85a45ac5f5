"""Pictures and arrays onto the disk: never over an input, and no file is ever half written."""

from __future__ import annotations

import hashlib
import os
import zlib
from collections import deque
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from PIL import Image

from edgan.api.destinations import make_folder
from edgan.errors import EdganError
from edgan.models.pixels import from_pixels
from edgan.storage.durable import reason, remedy

THREADS = max(2, os.cpu_count() or 1)
WAITING = 256
"""Pictures that may wait to be written while the networks work. Beyond that, drawing waits: memory is bounded."""

Pictures = np.ndarray | Sequence[Image.Image]
"""(N, H, W, C) uint8, or N Pillow images."""


@dataclass(frozen=True)
class Written:
    """What a verb wrote.

    Attributes:
        out: the folder.
        files: the files written, in order; those of several processes one after the other.
        failed: (file's stem, reason) for each input that could not be used.
        shown: the contact sheet and the animations, where they were asked for.
        notes: sentences about the inputs: the run's crop was not found in them, they look unlike its training pictures.
        existing: inputs that were left out because their pictures were there already.
    """

    out: Path
    files: list[Path]
    failed: list[tuple[str, str]]
    shown: list[Path] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    existing: int = 0

    def say(self, warn: Callable[[str], None]) -> None:
        """Pass on the notes."""
        for note in self.notes:
            warn(note)


class Writer:
    """Writes pictures on several threads; `files` lists them in the order in which they were added.

    Args:
        overlap: let the caller go on while pictures are written; otherwise `add` returns when its pictures are.
    """

    def __init__(self, *, overlap: bool) -> None:
        self.files: list[Path] = []
        self._allowed = WAITING if overlap else 0
        self._threads = ThreadPoolExecutor(THREADS, "write")
        self._waiting: deque[Future[Path]] = deque()

    def __enter__(self) -> Writer:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for the rest. If the caller failed, its error is raised and not one of writing."""
        self._threads.shutdown()
        if kind is None:
            self._settle(0)

    def add(self, paths: Sequence[Path], pictures: Pictures) -> None:
        """Write each picture to its path; folders are made where they are missing.

        Raises:
            EdganError: the disk refused a picture, perhaps one that was added earlier.
        """
        for folder in dict.fromkeys(path.parent for path in paths):
            make_folder(folder)
        for path, picture in zip(paths, pictures, strict=True):
            self._waiting.append(self._threads.submit(save_picture, picture, path))
        self._settle(self._allowed)

    def _settle(self, left: int) -> None:
        while len(self._waiting) > left:
            self.files.append(self._waiting.popleft().result())


class RowWriter:
    """Writes the rows of an array to one .npy file as they come; the file appears when all are written.

    The bytes are those of `numpy.save` with all rows at once.

    Args:
        path: of the file; its folder is made with the first rows.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._aside = name_aside(path)
        self._file: IO[bytes] | None = None
        self._count = 0
        self._row: tuple[int, ...] = ()

    def __enter__(self) -> RowWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Put the file in its place, or remove what there is of it if the caller failed."""
        if self._file is None:
            return
        try:
            with self._file as file:
                if kind is None:
                    self._write_header(file)
                    os.fsync(file.fileno())
            if kind is None:
                self._aside.replace(self.path)
        except OSError as failure:
            raise self._refused(failure) from None
        finally:
            self._aside.unlink(missing_ok=True)

    def add(self, rows: np.ndarray) -> None:
        """Append rows (n, ...) as float32, all calls with equal shapes but for n.

        Raises:
            EdganError: the disk refused.
        """
        try:
            if self._file is None:
                make_folder(self.path.parent)
                self._file, self._row = self._aside.open("wb"), rows.shape[1:]
                self._write_header(self._file)
            self._file.write(np.ascontiguousarray(rows, dtype="<f4").data)
        except OSError as failure:
            raise self._refused(failure) from None
        self._count += len(rows)

    def _write_header(self, file: IO[bytes]) -> None:
        """The header for the rows so far. numpy pads it, so that its length does not depend on their number."""
        file.seek(0)
        shape = (self._count, *self._row)
        np.lib.format.write_array_header_1_0(file, {"descr": "<f4", "fortran_order": False, "shape": shape})

    def _refused(self, failure: OSError) -> EdganError:
        where = self.path.parent
        return EdganError(f"{self.path} could not be written: {reason(failure)}. {remedy(failure, where)}")


def save_picture(picture: np.ndarray | Image.Image, path: Path) -> Path:
    """Write a picture, (H, W, C) uint8 or a Pillow image, as a PNG; under another name first.

    Raises:
        EdganError: the disk refused; pictures written earlier stay.
    """
    aside = name_aside(path)
    try:
        write_png(picture if isinstance(picture, Image.Image) else from_pixels(picture), aside)
        aside.replace(path)
    except OSError as error:
        raise EdganError(f"{path} could not be written: {reason(error)}. {remedy(error, path.parent)}") from None
    finally:
        aside.unlink(missing_ok=True)
    return path


def name_aside(path: Path) -> Path:
    """The name that a file has while it is written: short, since its own name may be as long as the disk allows."""
    return path.with_name(f".{hashlib.blake2b(os.fsencode(path.name), digest_size=8).hexdigest()}.part")


def write_png(image: Image.Image, path: Path) -> None:
    """Write one PNG, whatever the path's suffix.

    With zlib's level 1 and run-length matches only (Z_RLE) a photograph takes a quarter of the time of Pillow's level
    6, for 3 % more bytes.
    """
    with path.open("wb") as file:
        image.save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
