"""Decoded pixels on disk: written once, memory-mapped ever after.

    CACHE/index/STAMP.json     what was opened: path, file names, sizes, times, options  ->  KEY
    CACHE/KEY/entry.json       arrays, their shapes and checksum, what was left out
    CACHE/KEY/image.npy        (N, H, W, C) uint8; for pairs also source.npy and source_index.npy

KEY is a hash of the files' contents and the options, so copies of a set share an entry. The stamp is what can be asked
of a folder in no time: as with make, a file changed without changing its size or time of change goes unnoticed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import tempfile
import time
import warnings
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgan.data.build import Decoded, build
from edgan.data.listing import Listing
from edgan.data.tree import Tree
from edgan.errors import EdganError

RULES = 1  # counts up when decode.py or this format changes, so that older entries are not read
CHECKED_BYTES = 2**26
PART = ".part-"
STALE_SECONDS = 86_400

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Entry:
    """Decoded arrays by name, memory-mapped, with the positions in the listing that were left out and why.

    Attributes:
        key: content hash of pixels' files and options.
        channels: 1 or 3.
        arrays: "image" (N, H, W, C) uint8; for pairs "source" (N, H, W, 3) and, for index maps, "source_index".
        left_out: (position in the listing, reason).
        scratch: keeps a temporary folder alive as long as the arrays are, when no cache could be written.
    """

    key: str
    channels: int
    arrays: dict[str, np.ndarray]
    left_out: list[tuple[int, str]]
    scratch: Any = None


def default_folder() -> Path:
    """$EDGAN_CACHE, or ~/.cache/edgan."""
    return Path(os.environ.get("EDGAN_CACHE") or Path.home() / ".cache" / "edgan").expanduser()


def decoded(
    tree: Tree, listing: Listing, size: int, channels: int | None, folder: Path | None, progress: Progress | None
) -> Entry:
    """The listing's images at `size`: from the cache where it holds them whole, else decoded into it.

    A damaged or partial entry is written anew. Where the cache cannot be written, a temporary folder is used, with a
    warning that says so.

    Raises:
        EdganError: no image can be decoded, or there is no room for the pixels anywhere.
    """
    folder = default_folder() if folder is None else Path(folder).expanduser()
    stamp = folder / "index" / f"{_stamp(tree, listing, size, channels)}.json"
    entry = _find(folder, stamp)
    if entry is not None:
        return entry
    try:
        _room(folder, listing, size)
        _sweep(folder)
        part = Path(tempfile.mkdtemp(prefix=PART, dir=folder))
    except OSError as error:
        return _temporary(tree, listing, size, channels, progress, f"{folder}: {error.strerror or error}")
    try:
        found = build(tree, listing, size, channels, part, progress)
        key = _write_entry(part, found)
        _publish(part, folder / key)
        _write_atomically(stamp, json.dumps({"key": key}))
        entry = _load(folder / key)
        if entry is None:
            raise EdganError(f"The cache {folder / key} was damaged as it was written. Check the disk.")
        return entry
    except OSError as error:  # the disk filled up, or was taken away, while it was written
        return _temporary(tree, listing, size, channels, progress, f"{folder}: {error.strerror or error}")
    finally:
        shutil.rmtree(part, ignore_errors=True)


def _temporary(
    tree: Tree, listing: Listing, size: int, channels: int | None, progress: Progress | None, why: str
) -> Entry:
    warnings.warn(
        f"The cache cannot be written ({why}); the images are decoded into a temporary folder and will be decoded "
        "again next time. Set EDGAN_CACHE to a folder with room.",
        UserWarning,
        stacklevel=4,
    )
    scratch = None
    try:
        scratch = tempfile.TemporaryDirectory(prefix="edgan-", ignore_cleanup_errors=True)
        _room(Path(scratch.name), listing, size)
        _write_entry(Path(scratch.name), build(tree, listing, size, channels, Path(scratch.name), progress))
        entry = _load(Path(scratch.name))
    except OSError as error:
        raise EdganError(
            f"There is nowhere to put the decoded images: the cache ({why}) and the temporary folder "
            f"({error.strerror or error}). Free some room, or set EDGAN_CACHE to a folder that has it."
        ) from error
    if entry is None:
        raise EdganError(f"The temporary folder {scratch.name} does not keep what is written to it. Set EDGAN_CACHE.")
    return Entry(entry.key, entry.channels, entry.arrays, entry.left_out, scratch)


def _stamp(tree: Tree, listing: Listing, size: int, channels: int | None) -> str:
    state = hashlib.blake2b(digest_size=16)
    options = [RULES, str(tree.path.resolve()), listing.kind, listing.pairing.value, len(listing.names), size, channels]
    state.update(json.dumps(options).encode())
    for name in listing.files:
        state.update(f"{name}\0{tree.stats[name].size}\0{tree.stats[name].changed}\n".encode())
    return state.hexdigest()


def _room(folder: Path, listing: Listing, size: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    planes = {"none": 3, "indices": 7}.get(listing.pairing.value, 6)
    needed, free = len(listing.names) * size * size * planes, shutil.disk_usage(folder).free
    if needed > free:
        raise OSError(f"it needs {needed / 2**20:,.0f} MiB and {free / 2**20:,.0f} MiB are free")


def _sweep(folder: Path) -> None:
    """Remove what killed processes left half written: parts untouched for a day."""
    for part in folder.glob(f"{PART}*"):
        with contextlib.suppress(FileNotFoundError):  # another process swept it, or published it, first
            if time.time() - part.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(part, ignore_errors=True)


def _write_entry(part: Path, found: Decoded) -> str:
    state = hashlib.blake2b(json.dumps([RULES, found.options]).encode(), digest_size=16)
    for line in found.digests:
        state.update(line)
    entry = {
        "key": state.hexdigest(),
        "channels": found.channels,
        "shapes": {name: list(shape) for name, shape in found.shapes.items()},
        "left_out": found.left_out,
        "checksum": {name: _checksum(np.load(part / f"{name}.npy", mmap_mode="r")) for name in found.shapes},
    }
    _write_atomically(part / "entry.json", json.dumps(entry))
    return state.hexdigest()


def _publish(part: Path, target: Path) -> None:
    """Rename a whole entry into place; another process may have put the same one there meanwhile."""
    if target.exists() and _load(target) is None:
        shutil.rmtree(target)
    try:
        os.rename(part, target)
    except OSError:
        if _load(target) is None:
            raise


def _find(folder: Path, stamp: Path) -> Entry | None:
    try:
        key = json.loads(stamp.read_text())["key"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return _load(folder / Path(str(key)).name)


def _load(folder: Path) -> Entry | None:
    """The entry in `folder`, or None when it is not there, not whole or not what was written."""
    try:
        entry = json.loads((folder / "entry.json").read_text())
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in entry["shapes"]}
        whole = all(list(array.shape) == entry["shapes"][name] for name, array in arrays.items())
        same = whole and all(_checksum(array) == entry["checksum"][name] for name, array in arrays.items())
        left_out = [(int(position), str(reason)) for position, reason in entry["left_out"]]
        return Entry(entry["key"], entry["channels"], arrays, left_out) if same else None
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError):
        return None


def _checksum(array: np.ndarray) -> int:
    """CRC-32 of all rows, or of 64 MiB of evenly spaced ones: what can be read again at every opening."""
    row = max(array[0].nbytes, 1)
    step = max(1, -(-array.nbytes // CHECKED_BYTES))
    value = 0
    if step == 1:
        for start in range(0, len(array), max(1, 2**22 // row)):
            value = zlib.crc32(array[start : start + max(1, 2**22 // row)].data, value)
        return value
    for position in range(0, len(array), step):
        value = zlib.crc32(array[position].data, value)
    return value


def _write_atomically(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_name(f"{path.name}.{os.getpid()}.part")
    with aside.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    aside.replace(path)
