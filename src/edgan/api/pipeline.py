"""Pictures of a folder into memory and out again, several at a time.

Beside an accelerator the next pictures are decoded, and the last ones written, while the networks work. On a CPU the
networks have all cores already, and whatever runs beside them makes their threads wait for each other: there reading,
drawing and writing take turns, each on all cores.
"""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np

from edgan.data.inputs import Loader
from edgan.errors import EdganError

THREADS = max(2, os.cpu_count() or 1)
Found = Sequence[tuple[str, Loader]]
WAITING = 256
"""So many pictures may wait to be written beside the networks; then drawing waits, so that memory does not grow."""


@dataclass(frozen=True)
class Read:
    """Some pictures of a folder.

    Attributes:
        positions: of those that could be decoded, in the folder.
        stems: of these.
        pixels: (N, H, W, channels) uint8, of one size; nothing where none could be decoded.
        failed: (stem, reason) of the others.
    """

    positions: list[int]
    stems: list[str]
    pixels: np.ndarray
    failed: list[tuple[str, str]]


def decoded(found: Found, size: int, channels: int, count: int, *, ahead: bool) -> Iterator[tuple[int, Read]]:
    """The pictures, so many at a time, each time with the position of the first.

    Args:
        found: (stem, loader) each.
        size, channels: as the loaders take them.
        count: at a time.
        ahead: decode the next ones while these are worked on.
    """
    with ThreadPoolExecutor(THREADS, "decode") as readers:

        def submitted(start: int) -> list[Future[np.ndarray]]:
            return [readers.submit(loader, size, channels) for _, loader in found[start : start + count]]

        coming = submitted(0)
        for start in range(0, len(found), count):
            now = coming
            coming = submitted(start + count) if ahead else []
            yield start, _gathered(found, start, now, channels)
            coming = coming or submitted(start + count)


def _gathered(found: Found, start: int, coming: Sequence[Future[np.ndarray]], channels: int) -> Read:
    """What was decoded, and what could not be."""
    positions: list[int] = []
    pixels: list[np.ndarray] = []
    failed: list[tuple[str, str]] = []
    for position, picture in enumerate(coming, start):
        try:
            pixels.append(picture.result())
            positions.append(position)
        except EdganError as error:
            failed.append((found[position][0], str(error)))
    stacked = np.stack(pixels) if pixels else np.empty((0, 1, 1, channels), np.uint8)
    return Read(positions, [found[position][0] for position in positions], stacked, failed)


class Writing:
    """Writes pictures, told in the order in which they are added.

    Args:
        save: (picture (H, W, C) uint8, stem, folder) -> the file written.
        beside: go on beside the caller; otherwise `add` waits until its pictures are written.
    """

    def __init__(self, save: Callable[[np.ndarray, str, Path], Path], *, beside: bool) -> None:
        self.files: list[Path] = []
        self._save = save
        self._allowed = WAITING if beside else 0
        self._writers = ThreadPoolExecutor(THREADS, "write")
        self._waiting: deque[Future[Path]] = deque()

    def __enter__(self) -> Writing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is left; where drawing failed, that is what is told."""
        self._writers.shutdown()
        if kind is None:
            self._settle(0)

    def add(self, pixels: np.ndarray, stems: Sequence[str], folder: Path) -> None:
        """Write pictures (N, H, W, C) uint8.

        Raises:
            EdganError: the disk refused one, perhaps an earlier one.
        """
        for picture, stem in zip(pixels, stems, strict=True):
            self._waiting.append(self._writers.submit(self._save, picture, stem, folder))
        self._settle(self._allowed)

    def _settle(self, left: int) -> None:
        while len(self._waiting) > left:
            self.files.append(self._waiting.popleft().result())
