"""Writing so that a crash, a full disk or a power cut leaves either the old file or the new one, never half of one."""

from __future__ import annotations

import errno
import json
import os
import shutil
from pathlib import Path
from typing import Any

from edgan.errors import EdganError

ASIDE = ".partial-"
"""Prefix of a name that is being written. Whatever carries it when nobody is writing was left by a crash."""


def write_file(path: Path, data: bytes) -> None:
    """Write a new file and wait until the disk has it.

    Args:
        path: the file; one that is there is overwritten in place, so give the name of a file aside.
        data: the whole contents.

    Raises:
        OSError: as the system says it (disk full, no permission, ...); part of the file may then be there.
    """
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o666)
    try:
        rest = memoryview(data)
        while rest:  # one call writes at most 2 GiB, and less when the disk is nearly full
            rest = rest[os.write(handle, rest) :]
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(path: Path) -> None:
    """Make a folder and those above it, and wait until the disk has their names.

    Raises:
        OSError: as the system says it.
    """
    if path.is_dir():
        return
    make_folder(path.parent)
    os.mkdir(path)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    """Wait until the disk has the names in a folder: after a rename, the rename itself.

    Raises:
        OSError: as the system says it.
    """
    if os.name == "nt":  # Windows opens no folders; its renames are journalled
        return
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def rename(source: Path, target: Path) -> None:
    """Give a file or folder another name in the same file system, in one step that a crash cannot halve.

    Raises:
        OSError: as the system says it; a folder does not replace a folder that holds something.
    """
    os.replace(source, target)


def remove_folder(path: Path) -> None:
    """Remove a folder that nobody reads any more. What cannot be removed stays: the next save tries again.

    No error: a run must not end because some rubbish is still open on a network disk.
    """
    shutil.rmtree(path, ignore_errors=True)


def write_json_atomic(path: Path, value: Any) -> None:
    """Write or replace a JSON file in one step: a reader sees the old contents or the new, also after a crash.

    Args:
        path: the file; its folder exists.
        value: what `json` can write. A tuple comes back as a list, a key that is no string as one.

    Raises:
        EdganError: the disk refused. The file is then what it was before.
        TypeError: the value is not JSON.
    """
    write_bytes_atomic(path, (json.dumps(value, indent=2) + "\n").encode())


def write_bytes_atomic(path: Path, data: bytes) -> None:
    """Write or replace a file in one step: a reader sees the old contents or the new, also after a crash.

    Args:
        path: the file; its folder exists.
        data: the whole contents.

    Raises:
        EdganError: the disk refused. The file is then what it was before.
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


def reason(error: OSError) -> str:
    """What the system said, without number and path: "No space left on device"."""
    return error.strerror or str(error)


def remedy(error: OSError, folder: Path) -> str:
    """A sentence that tells a person what to do about an error of the disk.

    Args:
        error: what the system said.
        folder: where the writing was to happen.
    """
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return f"Free space on the disk of {folder}, or write to another one."
    if error.errno in (errno.EACCES, errno.EPERM, errno.EROFS):
        return f"Allow this user to write in {folder}, or write to another folder."
    if error.errno in (errno.EEXIST, errno.ENOTDIR):
        return f"A part of the path {folder} is a file, where a folder is needed: give another path."
    if error.errno == errno.ENAMETOOLONG:
        return "Give the file a shorter name: most disks allow 255 bytes."
    return f"Check the disk of {folder}."
