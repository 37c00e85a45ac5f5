"""Pictures and arrays onto the disk: never over an input, and no file is ever half written."""

from __future__ import annotations

import os
import zlib
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import IO

import numpy as np
from PIL import Image

from edgan.errors import EdganError, UsageError
from edgan.models.pixels import from_pixels

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
        files: the files written, in order.
        failed: (file's stem, reason) for each input that could not be used.
    """

    out: Path
    files: list[Path]
    failed: list[tuple[str, str]]


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
        self._aside = path.with_name(f".{path.name}.part")
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
        return EdganError(f"{self.path} could not be written: {failure.strerror or failure}. Make room and try again.")


def refuse_overwriting(input: str | Path, files: Sequence[Path]) -> None:
    """Refuse to write where an input lies.

    Raises:
        UsageError: one of the files is an input.
    """
    source = Path(input).expanduser().resolve()
    for file in files:
        if file.exists() and (file.resolve() == source or source in file.resolve().parents):
            raise UsageError(
                f"must be another folder: {file} is one of the inputs and would be replaced.", parameter="out"
            )


def make_folder(path: str | Path) -> Path:
    """The folder, made where it is missing.

    Raises:
        EdganError: it cannot be made, or cannot be written to.
    """
    target = Path(path)
    try:
        target.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise EdganError(
            f"The folder {target} cannot be made: {error.strerror}. Choose another place, or change its permissions."
        ) from None
    if not os.access(target, os.W_OK):
        raise EdganError(f"The folder {target} cannot be written to. Choose another place, or change its permissions.")
    return target


def save_picture(picture: np.ndarray | Image.Image, path: Path) -> Path:
    """Write a picture, (H, W, C) uint8 or a Pillow image, as a PNG; under another name first.

    Raises:
        EdganError: the disk refused; pictures written earlier stay.
    """
    aside = path.with_name(f".{path.name}.part")
    try:
        write_png(picture if isinstance(picture, Image.Image) else from_pixels(picture), aside)
        aside.replace(path)
    except OSError as error:
        aside.unlink(missing_ok=True)
        raise EdganError(f"{path} could not be written: {error.strerror or error}. Make room and try again.") from None
    return path


def write_png(image: Image.Image, path: Path) -> None:
    """Write one PNG, whatever the path's suffix.

    With zlib's level 1 and run-length matches only (Z_RLE) a photograph takes a quarter of the time of Pillow's level
    6, for 3 % more bytes.
    """
    with path.open("wb") as file:
        image.save(file, "PNG", compress_level=1, compress_type=zlib.Z_RLE)
