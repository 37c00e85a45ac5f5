"""Pictures of a folder into memory and out again, beside the network's work: what comes next is decoded meanwhile, and
what was drawn last is written."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType

import numpy as np
import torch
from torch import Tensor

from edgan.data import from_uint8
from edgan.data.inputs import Loader
from edgan.errors import EdganError

Found = Sequence[tuple[str, Loader]]
WAITING = 4
"""So many sets of pictures may wait to be written; then drawing waits, so that memory does not grow."""


@dataclass(frozen=True)
class Read:
    """Some pictures of a folder.

    Attributes:
        positions: of those that could be decoded, in the folder.
        stems: of these.
        images: (N, channels, H, W) in [-1, 1].
        failed: (stem, reason) of the others.
    """

    positions: list[int]
    stems: list[str]
    images: Tensor
    failed: list[tuple[str, str]]


def decoded(found: Found, size: int, channels: int, count: int) -> Iterator[tuple[int, Read]]:
    """The pictures, so many at a time, each time with the position of the first; the next ones are decoded meanwhile.

    Args:
        found: (stem, loader) each.
        size, channels: as the loaders take them.
        count: at a time.
    """
    with ThreadPoolExecutor(1, "decode") as reader:
        ahead = reader.submit(_read, found, slice(0, count), size, channels)
        for start in range(0, len(found), count):
            now = ahead.result()
            ahead = reader.submit(_read, found, slice(start + count, start + 2 * count), size, channels)
            yield start, now


def _read(found: Found, which: slice, size: int, channels: int) -> Read:
    """Decode some of the pictures of a folder."""
    positions: list[int] = []
    pixels: list[np.ndarray] = []
    failed: list[tuple[str, str]] = []
    for position in range(len(found))[which]:
        stem, loader = found[position]
        try:
            pixels.append(loader(size, channels))
            positions.append(position)
        except EdganError as error:
            failed.append((stem, str(error)))
    images = from_uint8(torch.from_numpy(np.stack(pixels))) if pixels else torch.empty(0)
    return Read(positions, [found[position][0] for position in positions], images, failed)


class Writing:
    """Writes pictures in the order in which they are added, beside whatever goes on.

    Args:
        save: (images, stems, folder) -> the files written.
    """

    def __init__(self, save: Callable[[Tensor, Sequence[str], Path], list[Path]]) -> None:
        self.files: list[Path] = []
        self._save = save
        self._writer = ThreadPoolExecutor(1, "write")
        self._waiting: deque[Future[list[Path]]] = deque()

    def __enter__(self) -> Writing:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is left; where drawing failed, that is what is told."""
        self._writer.shutdown()
        if kind is None:
            self._settle(0)

    def add(self, images: Tensor, stems: Sequence[str], folder: Path) -> None:
        """Write images (N, C, H, W) soon.

        Raises:
            EdganError: the disk refused earlier ones.
        """
        self._waiting.append(self._writer.submit(self._save, images, stems, folder))
        self._settle(WAITING)

    def _settle(self, left: int) -> None:
        while len(self._waiting) > left:
            self.files += self._waiting.popleft().result()
