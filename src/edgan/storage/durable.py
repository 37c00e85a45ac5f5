"""Writes that a crash, a full disk or a power cut cannot spoil: the old file or the new one remains, never a part."""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
from pathlib import Path
from typing import Any

from edgan.errors import EdganError

_BINARY = getattr(os, "O_BINARY", 0)  # Windows would otherwise write CR LF for each LF

ASIDE = ".partial-"
"""Prefix of a file or folder while it is written. If no process is writing, a crash left it behind."""


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and wait until the disk has it.

    Args:
        path: the file. An existing file is overwritten in place, so give a temporary name.
        data: the whole contents.

    Raises:
        OSError: disk full, no permission, ...; part of the file may then exist.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | _BINARY, 0o666)
    try:
        rest = memoryview(data)
        while rest:  # one call writes at most 2 GiB, or less if the disk is nearly full
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: Path) -> None:
    """Make a folder and its missing parents, and wait until the disk has their names.

    Raises:
        OSError: no permission, a file in the way, ...
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    try:
        os.mkdir(path)
    except FileExistsError:
        # Another process may have made it since the question above.
        if not path.is_dir():
            raise
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a folder, and so any rename in it.

    Raises:
        OSError: the folder cannot be opened or synced.
    """
    if os.name == "nt":  # Windows cannot open folders; its renames are journalled
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rename(source: Path, target: Path) -> None:
    """Rename a file or folder within a file system, atomically.

    Raises:
        OSError: no permission, ...; a folder does not replace a folder that is not empty.
    """
    os.replace(source, target)


def remove_folder(path: Path) -> None:
    """Remove a folder that is no longer needed. What cannot be removed stays, and the next save tries again.

    Never an error: a run must not end because a stale file is still open on a network disk.
    """
    shutil.rmtree(path, ignore_errors=True)


def write_json_atomic(path: Path, value: Any) -> None:
    """Write or replace a JSON file atomically: a reader sees the old contents or the new, even after a crash.

    Args:
        path: the file; its folder exists.
        value: anything `json` can write. Tuples are read back as lists, and keys as strings.

    Raises:
        EdganError: the file could not be written. It is then unchanged.
        TypeError: the value is not JSON.
    """
    write_bytes_atomic(path, (json.dumps(value, indent=2) + "\n").encode())


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write or replace a file atomically: a reader sees the old contents or the new, even after a crash.

    Args:
        path: the file; its folder exists.
        data: the whole contents.

    Raises:
        EdganError: the file could not be written. It is then unchanged.
    """
    aside = path.with_name(ASIDE + path.name)
    try:
        try:
            write_file(aside, data)
            rename(aside, path)
        finally:
            aside.unlink(missing_ok=True)
        sync_folder(path.parent)
    except OSError as error:
        raise EdganError(f"{path} could not be written: {reason(error)}. {remedy(error, path.parent)}") from error


def checksum(value: Any) -> str:
    """sha256 of a JSON value, whatever the order of its keys and however it is laid out.

    Raises:
        TypeError: the value is not JSON.
    """
    return hashlib.sha256(json.dumps(value, sort_keys=True).encode()).hexdigest()


def reason(error: OSError) -> str:
    """The system's message without number and path: "No space left on device"."""
    return error.strerror or str(error)


def remedy(error: OSError, folder: Path) -> str:
    """A sentence that says what to do about a failed write.

    Args:
        error: the system's error.
        folder: the folder that was to be written in.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Free space on the disk of {folder}, or write to another disk."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Allow this user to write in {folder}, or write to another folder."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"Part of the path {folder} is a file where a folder is needed. Choose another path."
    if error.errno == errno.ENAMETOOLONG:
        return "Give the file a shorter name: most disks allow 255 bytes."
    return f"Check the disk of {folder}."
