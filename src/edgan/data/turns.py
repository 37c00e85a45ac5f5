"""Large files take turns: however many threads decode, one large file at most is in memory.

A file of a few kilobytes can unfold to gigabytes. Each is bounded (`edgan.data.files`, `edgan.data.pillow`), but eight
threads would hold eight of them. What a thread reads and decodes for one image is counted; beyond `SMALL` bytes the
thread waits until no other thread is beyond it.
"""

from __future__ import annotations

import contextlib
import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

SMALL = 3 * 2**26
"""Bytes for one image that need no turn: a photograph of 24 million pixels."""
PIXEL_BYTES = 8
"""Of a decoded image and of the same in another mode."""


class _Account(threading.local):
    """What the current thread holds: bytes, whether it has the turn, and how many `turn` blocks it is in."""

    held = 0
    large = False
    depth = 0


_account = _Account()
_large = threading.Lock()


@contextmanager
def turn() -> Iterator[None]:
    """The reading and decoding of one image, or of one pair; its memory counts until the block ends."""
    _account.depth += 1
    try:
        yield
    finally:
        _account.depth -= 1
        if _account.depth == 0:
            _account.held = 0
            if _account.large:
                _account.large = False
                _return_memory()
                _large.release()


def _return_memory() -> None:
    """Give freed memory back to the system: glibc keeps what a thread freed, so each thread would hold one image."""
    with contextlib.suppress(OSError, AttributeError, TypeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def charge(count: int) -> None:
    """Count bytes that are about to be taken for the current image; wait where they are many and another has many."""
    if _account.depth == 0:
        return
    _account.held += count
    if _account.held > SMALL and not _account.large:
        _large.acquire()
        _account.large = True
