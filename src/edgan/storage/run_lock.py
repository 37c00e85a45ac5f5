"""The lock of a run's folder: only one process at a time trains in it."""

from __future__ import annotations

import errno
import os
import socket
import sys
import time
from pathlib import Path
from types import TracebackType
from typing import Any

from edgan.errors import EdganError
from edgan.storage import durable

NAME = ".lock"
_LOCKED_BYTE = 2**20
_HELD = (errno.EWOULDBLOCK, errno.EAGAIN, errno.EACCES, errno.EDEADLK)


class RunLock:
    """While entered, this process alone may write in a run's folder.

    The system releases the lock when the process ends, however it ends, so a killed training leaves none behind. The
    file stays; an unlocked one means nothing. On a file system without locks (some network disks) nothing is locked.

    Args:
        folder: the run's folder, which exists.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._handle: int | None = None

    def __enter__(self) -> RunLock:
        """Take the lock.

        Raises:
            EdganError: another process has it, or the folder cannot be written in.
        """
        path = self.folder / NAME
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o666)
        except OSError as error:
            raise EdganError(
                f"{path} could not be written: {durable.reason(error)}. {durable.remedy(error, self.folder)}"
            ) from error
        try:
            _take(handle)
        except OSError as error:
            owner = _owner(handle)
            os.close(handle)
            if error.errno in _HELD:
                raise EdganError(
                    f"{self.folder} is being trained by another process{owner}. Wait until it ends, or stop it first."
                ) from None
            return self
        self._handle = handle
        os.truncate(handle, 0)
        os.write(handle, f"{os.getpid()} {socket.gethostname()}\n".encode())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Release the lock."""
        if self._handle is not None:
            _unlock(self._handle)
            os.close(self._handle)
            self._handle = None


def _take(handle: int) -> None:
    """Lock for this process alone; once more after a moment, since `holder` of another process holds a lock briefly."""
    try:
        _lock(handle)
    except OSError:
        time.sleep(0.05)
        _lock(handle)


def holder(folder: Path) -> str | None:
    """The process that trains in a run's folder now: "4242 HOST", or "" where it has not written that yet; else None.

    Args:
        folder: the run's; nothing is written in it. Where files have no locks, nothing is known.
    """
    try:
        handle = os.open(folder / NAME, os.O_RDWR)
    except OSError:
        return None
    try:
        _lock(handle, shared=True)
        _unlock(handle)
        return None
    except OSError as error:
        return os.read(handle, 300).decode(errors="replace").strip() if error.errno in _HELD else None
    finally:
        os.close(handle)


def _lock(handle: int, shared: bool = False) -> None:
    if sys.platform == "win32":
        _locking(handle, take=True)
    else:
        import fcntl

        fcntl.flock(handle, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)


def _unlock(handle: int) -> None:
    """Release the lock. Elsewhere than on Windows, closing the file does that at once."""
    if sys.platform == "win32":
        _locking(handle, take=False)


def _locking(handle: int, *, take: bool) -> None:
    """Lock or release a byte far beyond the owner's name, since nobody else can read a locked byte on Windows."""
    import msvcrt

    functions: Any = msvcrt
    os.lseek(handle, _LOCKED_BYTE, os.SEEK_SET)
    try:
        functions.locking(handle, functions.LK_NBLCK if take else functions.LK_UNLCK, 1)
    finally:
        os.lseek(handle, 0, os.SEEK_SET)


def _owner(handle: int) -> str:
    """ " (process 4242 on HOST)", or nothing where the owner has not written it yet."""
    try:
        number, _, host = os.read(handle, 300).decode(errors="replace").strip().partition(" ")
    except OSError:
        return ""
    return f" (process {number} on {host})" if number.isdigit() and host.isprintable() else ""
