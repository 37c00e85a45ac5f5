"""The files of a folder, a .zip, or a single .tar or table behind one interface. Nothing is unpacked to disk."""

from __future__ import annotations

import os
import posixpath
import unicodedata
from collections import Counter
from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple

from edgan.data import heic, unread
from edgan.data.archive import Archive
from edgan.data.containers import checked_zip, is_folder, is_table, is_tar
from edgan.data.files import MAX_FILE_BYTES, MAX_IMAGE_BYTES, oddity, read_file, too_large
from edgan.data.turns import charge
from edgan.errors import EdganError
from edgan.paths import expand

IMAGE_SUFFIXES = frozenset(
    {".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".bmp", ".gif", ".webp", ".tif", ".tiff"}
    | {".pbm", ".ppm", ".pgm", ".pnm", ".avif"}
)
"""Of images that are always read; `image_suffixes` are those that can be read here."""
MAX_TEXT_BYTES = 2**28
FOLLOW = "EDGAN_LINKS"


def image_suffixes() -> frozenset[str]:
    """The suffixes of files that are read as images, in lower case, with the dot."""
    return IMAGE_SUFFIXES | heic.SUFFIXES if heic.is_available() else IMAGE_SUFFIXES


class Stat(NamedTuple):
    """What is known about a file without reading it: size in bytes, and times of change (of a .zip member: its CRC)."""

    size: int
    changed: int | tuple[int, int]


class Tree:
    """The files under a folder or in a .zip, without hidden files; names omit a single outer folder of a .zip.

    A single .tar, .arrow or .parquet is a folder with this one file; the layouts webdataset and huggingface read what
    is in it.

    Names are relative, in Unicode's composed form (NFC), so that a table of names from another system fits.

    Attributes:
        path: of the folder, .zip, .tar or table.
        stats: relative name ('/' between folders) to its `Stat`, in name order.
        left_out: (name, reason) of what looks like an image or a folder of the set and cannot be read.
        index_folder: where a reader may keep an index of large files; None: nowhere.
    """

    def __init__(self, path: str | Path) -> None:
        """List the files.

        Raises:
            EdganError: there is no such path, it is neither a folder nor a .zip, it is empty or cannot be listed.
        """
        self.path = expand(path)
        self._zip: Archive | None = None
        self._root = self.path
        self.index_folder: Path | None = None
        self._paths: dict[str, str] = {}
        if is_folder(self.path):
            stats, self._paths, left_out = _walk(self.path)
        elif is_tar(self.path) or is_table(self.path):
            self._root, left_out = self.path.parent, []
            stats = {self.path.name: _stat(self.path.stat())}
        else:
            self._zip = Archive(checked_zip(self.path))
            # A member's CRC is a better sign of change than its time.
            stats = {name: Stat(info.file_size, info.CRC) for name, info in self._zip.members.items()}
            left_out = self._zip.left_out
        runs = unread.run_folders(stats)
        left_out += [(run, "the folder of a run, which is no data") for run in runs]
        inside = tuple(f"{run}/" for run in runs)
        self.stats = {name: stat for name, stat in sorted(stats.items()) if not name.startswith(inside)}
        self.left_out = sorted(left_out)
        if not self.stats:
            raise EdganError(
                f"{self.path} is empty. Put images in it, or pass another folder.{_first_left_out(self.left_out)}"
            )
        self._suffixes = image_suffixes()
        self._read: set[str] = set()
        self._images: list[str] = []
        self._named: dict[str, list[str]] = {}
        for name in self.stats:  # all layouts use both, so they are collected once
            if posixpath.splitext(name)[1].lower() in self._suffixes:
                self._images.append(name)
            else:
                self._named.setdefault(posixpath.basename(name), []).append(name)

    def read(self, name: str) -> bytes:
        """The bytes of one file.

        Raises:
            ContentError: it is damaged, encrypted or too large: above 512 MiB for an image, above 2 GiB for others.
            OSError: the system cannot read it now: permissions, a file that is gone.
        """
        image = posixpath.splitext(name)[1].lower() in self._suffixes
        return self._bytes(name, MAX_IMAGE_BYTES if image else MAX_FILE_BYTES)

    def head(self, name: str, count: int = 65536) -> bytes:
        """The first `count` bytes of one file, enough for nearly every image's header. Raises: as `read`."""
        return self._bytes(name, MAX_FILE_BYTES, count)

    def text(self, name: str) -> str:
        """One file as text, UTF-8 with or without a byte order mark.

        Raises:
            EdganError: it cannot be read, is above 256 MiB, or is not UTF-8.
        """
        try:
            return self._bytes(name, MAX_TEXT_BYTES).decode("utf-8-sig")
        except OSError as error:
            raise EdganError(f"{self.path / name} cannot be read: {error.strerror or error}.") from error
        except UnicodeDecodeError as error:
            raise EdganError(f"{self.path / name} is not UTF-8 text ({error}). Save it as UTF-8.") from error

    def _bytes(self, name: str, most: int, count: int | None = None) -> bytes:
        size = self.stats[name].size
        if size > most and count is None:
            raise too_large(size, most)
        charge(size if count is None else min(count, size))
        if count is None:
            self._read.add(name)
        if self._zip is not None:
            return self._zip.read(name, most, count)
        return read_file(self.place(name), most=most, count=count)

    @property
    def on_disk(self) -> bool:
        """Whether the files lie on the disk themselves, and not in a .zip."""
        return self._zip is None

    def place(self, name: str) -> Path:
        """Where a file lies on the disk, if the tree is no .zip."""
        return self._root / self._paths.get(name, name)

    def images(self) -> list[str]:
        """The names with the suffix of an image file, in name order."""
        return list(self._images)

    def named(self, *basenames: str) -> list[str]:
        """The paths of the non-image files named one of `basenames`, in name order."""
        return sorted(name for basename in set(basenames) for name in self._named.get(basename, ()))

    def unread_pictures(self) -> str | None:
        """A sentence that counts the pictures in formats that are not read, by suffix; None where there are none."""
        counts: Counter[str] = Counter()
        for basename, names in self._named.items():
            suffix = posixpath.splitext(basename)[1].lower()
            if suffix in unread.SUFFIXES:
                counts[suffix] += len(names)
            elif suffix not in unread.KNOWN_OTHERS:
                counts[suffix or unread.NO_SUFFIX] += sum(self._looks_like_picture(name) for name in names)
        return unread.sentence(counts)

    def unread_files(self, others: Collection[str]) -> str | None:
        """A sentence that counts, by suffix, the files that are no pictures and of which nothing was read so far.

        Args:
            others: files that are used later, or that another sentence is about.
        """
        known = self._read.union(others)
        counts: Counter[str] = Counter()
        for name in (name for names in self._named.values() for name in names if name not in known):
            suffix = posixpath.splitext(name)[1].lower()
            if suffix in unread.KNOWN_OTHERS or (suffix not in unread.SUFFIXES and not self._looks_like_picture(name)):
                counts[suffix or unread.NO_SUFFIX] += 1
        return unread.files_sentence(counts)

    def _looks_like_picture(self, name: str) -> bool:
        try:
            return unread.is_picture(self.head(name, unread.SIGNATURE_BYTES))
        except OSError:  # it is not read anyway
            return False


def _stat(stat: os.stat_result) -> Stat:
    return Stat(stat.st_size, (stat.st_mtime_ns, stat.st_ctime_ns))


def _walk(root: Path) -> tuple[dict[str, Stat], dict[str, str], list[tuple[str, str]]]:
    """Every file under `root`: stats by name, the paths of those named otherwise on disk, and what is left out.

    Links are followed within `root`, and each real folder is listed once. A link that leads out of it is left out: a
    folder that somebody else packed could otherwise show any file of this machine as its own.
    """
    stats: dict[str, Stat] = {}
    paths: dict[str, str] = {}
    left_out: list[tuple[str, str]] = []
    top = os.path.realpath(root)
    follow = os.environ.get(FOLLOW) == "follow"
    seen: set[str] = set()
    pending = [(str(root), "")]
    while pending:
        folder, prefix = pending.pop()
        real = os.path.realpath(folder)
        if real in seen:
            continue
        seen.add(real)
        try:
            with os.scandir(folder) as listed:
                entries = sorted(listed, key=lambda entry: entry.name)
        except OSError as error:
            if not prefix:
                raise EdganError(f"The folder {root} cannot be listed: {error.strerror}.") from error
            left_out.append((prefix.rstrip("/"), f"the folder cannot be listed: {error.strerror}"))
            continue
        for entry in entries:
            name = prefix + entry.name
            if unread.is_junk(entry.name):
                continue
            if entry.is_symlink() and not follow and not _within(top, entry.path):
                left_out.append((name, f"a link that leaves the folder; with {FOLLOW}=follow it is read"))
                continue
            _add(entry, name, stats, paths, left_out, pending)
    return stats, paths, left_out


def _first_left_out(left_out: list[tuple[str, str]]) -> str:
    """The first file that was left out, why, and how many there are besides; nothing if there is none."""
    if not left_out:
        return ""
    (name, why), others = left_out[0], len(left_out) - 1
    return f" Left out: {name}, {why}{f'; and {others:,} more' if others else ''}."


def _add(
    entry: os.DirEntry[str],
    name: str,
    stats: dict[str, Stat],
    paths: dict[str, str],
    left_out: list[tuple[str, str]],
    pending: list[tuple[str, str]],
) -> None:
    """Put one entry of a folder where it belongs."""
    try:
        if entry.is_dir():
            pending.append((entry.path, f"{name}/"))
            return
        stat = entry.stat()
    except OSError as error:
        reason = "a link to a file that is not there" if entry.is_symlink() else f"cannot be read: {error.strerror}"
        left_out.append((name, reason))
        return
    kind = oddity(stat.st_mode)
    if kind is not None:
        left_out.append((name, f"it is {kind}"))
        return
    shown, number = shown_name(name), 2
    while shown in stats:  # two names that are one when they are shown
        root, suffix = posixpath.splitext(shown_name(name))
        shown, number = f"{root}~{number}{suffix}", number + 1
    if shown != name:
        paths[shown] = name
    stats[shown] = _stat(stat)


def shown_name(name: str) -> str:
    """A name in composed form; bytes of it that are not UTF-8 are read as Latin-1, as old archives leave them."""
    latin = "".join(chr(ord(char) - 0xDC00) if "\udc80" <= char <= "\udcff" else char for char in name)
    return unicodedata.normalize("NFC", latin)


def _within(top: str, path: str) -> bool:
    """Whether what is at `path`, links resolved, lies below `top`."""
    try:
        return os.path.commonpath((top, os.path.realpath(path))) == top
    except ValueError:  # another drive of Windows
        return False
