"""Reading files that others made: only regular ones, and no more of them than is allowed."""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import BinaryIO

MAX_FILE_BYTES = 2**31
MAX_IMAGE_BYTES = 2**29
"""More than the pixels of the largest image that is decoded, at 16 bits a channel."""
KINDS = (
    (stat.S_ISFIFO, "a named pipe"),
    (stat.S_ISCHR, "a device"),
    (stat.S_ISBLK, "a device"),
    (stat.S_ISSOCK, "a socket"),
    (stat.S_ISDIR, "a folder"),
)


class ContentError(OSError):
    """A file that will never be readable, whatever is tried: damaged, too large, or none of data."""


def oddity(mode: int) -> str | None:
    """What something in a folder is, by the mode of its `stat`, where it is no regular file."""
    if stat.S_ISREG(mode):
        return None
    return next((kind for is_kind, kind in KINDS if is_kind(mode)), "not a regular file")


def read_file(path: str | Path, *, most: int = MAX_FILE_BYTES, count: int | None = None) -> bytes:
    """The bytes of a regular file. A named pipe or device is refused, and neither waited for nor read.

    Args:
        path: of the file.
        most: bytes beyond which it is refused.
        count: bytes to read at most; None: all.

    Raises:
        ContentError: it is no regular file, or larger than `most`.
        OSError: as the system says it.
    """
    with open_regular(path) as file:
        size = os.fstat(file.fileno()).st_size
        if size > most:
            raise too_large(size, most)
        # No more than the file has: reading takes memory for what it is asked for.
        data = file.read(min(most, size) + 1 if count is None else count)
    if len(data) > most:
        raise too_large(len(data), most)
    return data


def open_regular(path: str | Path) -> BinaryIO:
    """A regular file, opened for reading. A named pipe or device is refused, and not waited for.

    Raises:
        ContentError: it is no regular file.
        OSError: as the system says it.
    """
    # Without O_NONBLOCK, opening a named pipe waits until somebody writes into it.
    handle = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    file = open(handle, "rb")  # noqa: SIM115
    kind = oddity(os.fstat(handle).st_mode)
    if kind is not None:
        file.close()
        raise ContentError(f"it is {kind}")
    return file


def too_large(size: int, most: int) -> ContentError:
    """The error for a file of `size` bytes where `most` are allowed."""
    return ContentError(f"it has {_size(size)}; files above {_size(most)} are refused")


def _size(count: int) -> str:
    return f"{count / 2**30:.1f} GiB" if count >= 2**30 else f"{count / 2**20:.0f} MiB"
