"""The files of a folder or a .zip behind one interface. Nothing is unpacked to disk."""

from __future__ import annotations

import os
import posixpath
import zipfile
import zlib
from pathlib import Path
from typing import NamedTuple

from edgan.errors import EdganError

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jfif", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff", ".ppm", ".pgm", ".pnm", ".avif"}
)
MAX_FILE_BYTES = 2**31


class Stat(NamedTuple):
    """What is known about a file without reading it: size in bytes, and time of change (of a .zip member: its CRC)."""

    size: int
    changed: int


class Tree:
    """The files under a folder or in a .zip, without hidden files; names omit a single outer folder of a .zip.

    Attributes:
        path: of the folder or .zip.
        stats: relative name ('/' between folders) to its `Stat`, in name order.
    """

    def __init__(self, path: str | Path) -> None:
        """List the files.

        Raises:
            EdganError: there is no such path, it is neither a folder nor a .zip, it is empty or cannot be listed.
        """
        self.path = Path(path).expanduser()
        self._zip: zipfile.ZipFile | None = None
        self._prefix = ""
        if self.path.is_dir():
            stats = _walk(self.path)
        elif not self.path.exists():
            raise EdganError(f"There is nothing at {self.path}. Check the spelling of the path.")
        elif zipfile.is_zipfile(self.path):
            self._zip, self._prefix, stats = _open_zip(self.path)
        elif self.path.suffix.lower() == ".zip":
            raise EdganError(f"{self.path} is not a complete .zip; it may be truncated. Copy or download it again.")
        else:
            raise EdganError(f"{self.path} is a file but not a .zip. Pass a folder of images, or a .zip of one.")
        self.stats = dict(sorted(stats.items()))
        if not self.stats:
            raise EdganError(f"{self.path} is empty. Put images in it, or pass another folder.")
        self._images: list[str] = []
        self._named: dict[str, list[str]] = {}
        for name in self.stats:  # all layouts use both, so they are collected once
            if posixpath.splitext(name)[1].lower() in IMAGE_SUFFIXES:
                self._images.append(name)
            else:
                self._named.setdefault(posixpath.basename(name), []).append(name)

    def read(self, name: str) -> bytes:
        """The bytes of one file.

        Raises:
            OSError: it cannot be read: permissions, a broken link, a damaged or encrypted .zip member, more than 2 GiB.
        """
        if self.stats[name].size > MAX_FILE_BYTES:
            raise OSError(f"it has {self.stats[name].size / 2**30:.1f} GiB; files above 2 GiB are refused")
        if self._zip is None:
            return (self.path / name).read_bytes()
        try:
            return self._zip.read(self._prefix + name)
        except (zipfile.BadZipFile, zlib.error, RuntimeError, NotImplementedError, EOFError) as error:
            raise OSError(f"it cannot be extracted from the .zip: {error}") from error

    def head(self, name: str, count: int = 65536) -> bytes:
        """The first `count` bytes of one file, enough for nearly every image's header. Raises: as `read`."""
        if self._zip is not None or self.stats[name].size <= count:
            return self.read(name)
        with (self.path / name).open("rb") as file:
            return file.read(count)

    def text(self, name: str) -> str:
        """One file as text, UTF-8 with or without a byte order mark.

        Raises:
            EdganError: it cannot be read or is not UTF-8.
        """
        try:
            return self.read(name).decode("utf-8-sig")
        except OSError as error:
            raise EdganError(f"{self.path / name} cannot be read: {error}.") from error
        except UnicodeDecodeError as error:
            raise EdganError(f"{self.path / name} is not UTF-8 text ({error}). Save it as UTF-8.") from error

    def images(self) -> list[str]:
        """The names with the suffix of an image file, in name order."""
        return list(self._images)

    def named(self, *basenames: str) -> list[str]:
        """The paths of the non-image files named one of `basenames`, in name order."""
        return sorted(name for basename in set(basenames) for name in self._named.get(basename, ()))


def _walk(root: Path) -> dict[str, Stat]:
    """Every file under `root`; links to folders are followed, each real folder once."""
    stats: dict[str, Stat] = {}
    seen: set[str] = set()
    pending = [(root, "")]
    while pending:
        folder, prefix = pending.pop()
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        try:
            entries = sorted(os.scandir(folder), key=lambda entry: entry.name)
        except OSError as error:
            raise EdganError(f"The folder {folder} cannot be listed: {error.strerror}.") from error
        for entry in entries:
            if entry.name.startswith("."):
                continue
            if entry.is_dir():
                pending.append((Path(entry.path), f"{prefix}{entry.name}/"))
            else:
                stats[prefix + entry.name] = _stat(entry)
    return stats


def _stat(entry: os.DirEntry[str]) -> Stat:
    try:
        stat = entry.stat()
    except OSError:  # a broken link is still listed, so that reading it gives the reason why it was left out
        return Stat(0, 0)
    return Stat(stat.st_size, stat.st_mtime_ns)


def _open_zip(path: Path) -> tuple[zipfile.ZipFile, str, dict[str, Stat]]:
    try:
        archive = zipfile.ZipFile(path)
    except (zipfile.BadZipFile, OSError) as error:
        raise EdganError(f"The .zip {path} cannot be opened: {error}. Copy or download it again.") from error
    infos = [info for info in archive.infolist() if not info.is_dir() and not _hidden(info.filename)]
    tops = {info.filename.partition("/")[0] for info in infos}
    nested = all("/" in info.filename for info in infos)
    prefix = f"{tops.pop()}/" if nested and len(tops) == 1 else ""
    # A member's CRC is a better sign of change than its time.
    return archive, prefix, {info.filename.removeprefix(prefix): Stat(info.file_size, info.CRC) for info in infos}


def _hidden(name: str) -> bool:
    return any(folder.startswith(".") or folder == "__MACOSX" for folder in name.split("/"))
