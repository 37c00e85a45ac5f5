"""The members of a .zip under names that can lead nowhere else."""

from __future__ import annotations

import re
import stat
import unicodedata
import zipfile
from pathlib import Path

from edgan.data.files import ContentError, oddity, too_large
from edgan.data.unread import is_junk
from edgan.errors import EdganError

DRIVE = re.compile(r"^[A-Za-z]:")


class Archive:
    """A .zip, read in place.

    Attributes:
        members: relative name ('/' between folders) to the member; names omit a single outer folder.
        left_out: (name, reason) of the members that are no files of the set.
    """

    def __init__(self, path: Path) -> None:
        """Read the list of members.

        Raises:
            EdganError: it is damaged.
        """
        try:
            self._zip = zipfile.ZipFile(path)
            infos = [info for info in self._zip.infolist() if not info.is_dir()]
        except MemoryError:
            raise
        except Exception as error:  # zipfile raises all kinds of errors on a damaged list
            raise EdganError(f"The .zip {path} cannot be opened: {error}. Copy or download it again.") from error
        self.members: dict[str, zipfile.ZipInfo] = {}
        self.left_out: list[tuple[str, str]] = []
        named = [(member_name(info.filename), info) for info in infos]
        named = [(name, info) for name, info in named if name and not hidden(name)]
        tops = {name.partition("/")[0] for name, _ in named}
        nested = all("/" in name for name, _ in named)
        prefix = f"{tops.pop()}/" if nested and len(tops) == 1 else ""
        for name, info in named:
            self._add(name.removeprefix(prefix), info)

    def _add(self, name: str, info: zipfile.ZipInfo) -> None:
        mode = info.external_attr >> 16
        kind = "a symbolic link" if stat.S_ISLNK(mode) else oddity(mode) if stat.S_IFMT(mode) else None
        if kind is not None:
            self.left_out.append((name, f"it is {kind}"))
            return
        if name in self.members:  # the last one counts, as it does for every program that extracts them
            self.left_out.append((name, "a later file in the .zip has the same name"))
        self.members[name] = info

    def read(self, name: str, most: int, count: int | None = None) -> bytes:
        """The bytes of a member, or the first `count` of them.

        Raises:
            ContentError: it is damaged, encrypted, or larger than `most` bytes.
            OSError: the .zip itself cannot be read.
        """
        info = self.members[name]
        if info.file_size > most:
            raise too_large(info.file_size, most)
        try:
            with self._zip.open(info) as member:
                # A member may hold more than its header says, and is then not read to the end.
                return member.read(info.file_size + 1 if count is None else count)
        except MemoryError:
            raise
        except OSError as error:
            if error.errno is not None:
                raise
            raise ContentError(f"it cannot be extracted from the .zip: {error}") from error
        except Exception as error:  # each compression has errors of its own
            raise ContentError(f"it cannot be extracted from the .zip: {error or type(error).__name__}") from error


def member_name(name: str) -> str:
    """A member's name as a relative path: without drive, leading /, '.' and '..', with '/' between folders, in NFC.

    Programs on Windows write backslashes between folders. '..' is dropped, as `zipfile` does when it extracts.
    """
    folders = DRIVE.sub("", name.replace("\\", "/")).split("/")
    kept = [folder for folder in folders if folder not in ("", ".", "..")]
    return unicodedata.normalize("NFC", "/".join(kept))


def hidden(name: str) -> bool:
    """Whether a member lies in a hidden folder, is hidden itself, or is a system's own file."""
    return any(is_junk(folder) for folder in name.split("/"))
