"""The members of a .tar by offset: nothing is unpacked, and names can lead nowhere else."""

from __future__ import annotations

import os
import tarfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple

from edgan.data.archive import hidden, member_name
from edgan.data.files import ContentError, open_regular, too_large
from edgan.data.tree import shown_name

BLOCK = 512
ODD = (
    (tarfile.TarInfo.issym, "a symbolic link"),
    (tarfile.TarInfo.islnk, "a link to another file"),
    (tarfile.TarInfo.ischr, "a device"),
    (tarfile.TarInfo.isblk, "a device"),
    (tarfile.TarInfo.isfifo, "a named pipe"),
    (tarfile.TarInfo.issparse, "a sparse file"),
)


class Member(NamedTuple):
    """A file in a .tar: its relative name, and where its bytes lie."""

    name: str
    offset: int
    size: int


def members_of(path: Path, shown: str, left_out: list[tuple[str, str]]) -> Iterator[Member]:
    """The regular files of a .tar, in its order. One at a time is in memory.

    Args:
        path: of the .tar.
        shown: its name in messages.
        left_out: gets (name, reason) for each member that is no regular file, and for a damaged .tar, of which the
            members before the damage are used.
    """
    end = -1
    try:
        with open_regular(path) as file, tarfile.open(fileobj=file, mode="r:") as tar:
            while (info := tar.next()) is not None:
                tar.members.clear()  # type: ignore[attr-defined]  # tarfile would keep all of them
                if info.size < 0 or info.offset <= end:  # else such a header is read for ever
                    raise tarfile.ReadError(f"the header at {info.offset} leads back")
                end = info.offset
                name = member_name(shown_name(info.name))
                if info.isdir() or not name or hidden(name):
                    continue
                kind = next((kind for is_kind, kind in ODD if is_kind(info)), None if info.isreg() else "no file")
                if kind is not None:
                    left_out.append((f"{shown}/{name}", f"it is {kind}"))
                    continue
                yield Member(name, info.offset_data, info.size)
            _require_end(file, tar.offset)
    except MemoryError:
        raise
    except OSError as error:
        left_out.append((shown, f"it cannot be read: {error.strerror or error}"))
    except Exception as error:  # tarfile raises all kinds of errors on a damaged header
        left_out.append((shown, f"it is damaged or cut short, and what follows is not read: {error}"))


def read_span(path: Path, offset: int, size: int, most: int) -> bytes:
    """The bytes of a member.

    Raises:
        ContentError: it is larger than `most` bytes, or the .tar ends before it does.
        OSError: the .tar cannot be read.
    """
    if size > most:
        raise too_large(size, most)
    with open_regular(path) as file:
        # Reading takes memory for what it is asked for, so the header's word is not enough.
        if os.fstat(file.fileno()).st_size < offset + size:
            raise ContentError("the .tar ends before it does")
        file.seek(offset)
        return file.read(size)


def _require_end(file: BinaryIO, offset: int) -> None:
    """tarfile takes a header that it cannot read for the end of the file; a real end is a block of zeros."""
    file.seek(offset)
    block = file.read(BLOCK)
    if len(block) < BLOCK or any(block):
        raise tarfile.ReadError(f"there is no end of the archive at {offset}")
