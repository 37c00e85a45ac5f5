"""Decoded pixels on disk: written once, memory-mapped from then on.

    CACHE/index/STAMP.json     maps what was opened (path, file names, sizes, times, options) to KEY
    CACHE/KEY/entry.json       the arrays' shapes and checksums, what was left out
    CACHE/KEY/image.npy        (N, H, W, C) uint8; for pairs also source.npy and source_index.npy

KEY is a hash of the files' contents and the options, so copies of a set share an entry. The stamp is made from a
listing of the folder alone: as with make, a change that keeps a file's size and modification time goes unnoticed.
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

RULES = 1  # counted up when decode.py or this format changes, so that older entries are not read
CHECKED_BYTES = 2**26
UNFINISHED = ".part-"
STALE_SECONDS = 86_400

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Entry:
    """Decoded arrays by name, memory-mapped, with the positions in the listing that were left out and why.

    Attributes:
        key: hash of the files' contents and the options.
        channels: 1 or 3.
        arrays: "image" (N, H, W, C) uint8; for pairs "source" (N, H, W, 3) and, for index maps, "source_index".
        left_out: (position in the listing, reason).
        scratch: the temporary folder of the arrays, kept alive with them, when no cache could be written; else None.
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
    """The listing's images at `size`, from the cache; decoded into it first where it does not hold them.

    A damaged or incomplete entry is rewritten. If the cache cannot be written, a temporary folder is used and a
    UserWarning says so.

    Args:
        tree: where the listing comes from.
        listing: the images.
        size: height and width in pixels.
        channels: 1, 3, or None: 1 when every image is grey.
        folder: the cache; None: `default_folder()`.
        progress: called with (images done, images in all) while images are decoded.

    Raises:
        EdganError: no image can be decoded, or the pixels cannot be stored anywhere.
    """
    folder = default_folder() if folder is None else Path(folder).expanduser()
    stamp = folder / "index" / f"{_stamp(tree, listing, size, channels)}.json"
    entry = _find(folder, stamp)
    if entry is not None:
        return entry
    try:
        _require_space(folder, listing, size)
        _sweep(folder)
        unfinished = Path(tempfile.mkdtemp(prefix=UNFINISHED, dir=folder))
    except OSError as error:
        return _temporary(tree, listing, size, channels, progress, f"{folder}: {error.strerror or error}")
    try:
        key = _write_entry(unfinished, build(tree, listing, size, channels, unfinished, progress))
        _publish(unfinished, folder / key)
        _write_atomically(stamp, json.dumps({"key": key}))
        entry = _load(folder / key)
        if entry is None:
            raise EdganError(f"The cache entry {folder / key} is damaged right after it was written. Check the disk.")
        return entry
    except OSError as error:  # the disk filled up, or was removed, during the writing
        return _temporary(tree, listing, size, channels, progress, f"{folder}: {error.strerror or error}")
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)


def _temporary(
    tree: Tree, listing: Listing, size: int, channels: int | None, progress: Progress | None, why: str
) -> Entry:
    warnings.warn(
        f"The cache cannot be written ({why}). The images are decoded into a temporary folder and will be decoded "
        "again next time. Set EDGAN_CACHE to a folder with enough space.",
        UserWarning,
        stacklevel=4,
    )
    scratch = None
    try:
        scratch = tempfile.TemporaryDirectory(prefix="edgan-", ignore_cleanup_errors=True)
        _require_space(Path(scratch.name), listing, size)
        _write_entry(Path(scratch.name), build(tree, listing, size, channels, Path(scratch.name), progress))
        entry = _load(Path(scratch.name))
    except OSError as error:
        raise EdganError(
            f"The decoded images cannot be stored, neither in the cache ({why}) nor in the temporary folder "
            f"({error.strerror or error}). Free some space, or set EDGAN_CACHE to a folder with enough."
        ) from error
    if entry is None:
        raise EdganError(f"The temporary folder {scratch.name} loses what is written to it. Set EDGAN_CACHE.")
    return Entry(entry.key, entry.channels, entry.arrays, entry.left_out, scratch)


def _stamp(tree: Tree, listing: Listing, size: int, channels: int | None) -> str:
    state = hashlib.blake2b(digest_size=16)
    options = [RULES, str(tree.path.resolve()), listing.kind, listing.pairing.value, len(listing.names), size, channels]
    state.update(json.dumps(options).encode())
    for name in listing.files:
        state.update(f"{name}\0{tree.stats[name].size}\0{tree.stats[name].changed}\n".encode())
    return state.hexdigest()


def _require_space(folder: Path, listing: Listing, size: int) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    planes = {"none": 3, "indices": 7}.get(listing.pairing.value, 6)
    needed, free = len(listing.names) * size * size * planes, shutil.disk_usage(folder).free
    if needed > free:
        raise OSError(f"{needed / 2**20:,.0f} MiB are needed and {free / 2**20:,.0f} MiB are free")


def _sweep(folder: Path) -> None:
    """Remove unfinished entries of killed processes: those untouched for a day."""
    for unfinished in folder.glob(f"{UNFINISHED}*"):
        with contextlib.suppress(FileNotFoundError):  # another process swept it, or published it, first
            if time.time() - unfinished.stat().st_mtime > STALE_SECONDS:
                shutil.rmtree(unfinished, ignore_errors=True)


def _write_entry(folder: Path, decoded: Decoded) -> str:
    """Write entry.json next to the decoded arrays and return the key."""
    state = hashlib.blake2b(json.dumps([RULES, decoded.options]).encode(), digest_size=16)
    for line in decoded.digests:
        state.update(line)
    entry = {
        "key": state.hexdigest(),
        "channels": decoded.channels,
        "shapes": {name: list(shape) for name, shape in decoded.shapes.items()},
        "left_out": decoded.left_out,
        "checksum": {name: _checksum(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in decoded.shapes},
    }
    _write_atomically(folder / "entry.json", json.dumps(entry))
    return state.hexdigest()


def _publish(unfinished: Path, target: Path) -> None:
    """Rename a complete entry into place; another process may have put the same one there first."""
    if target.exists() and _load(target) is None:
        shutil.rmtree(target)
    try:
        os.rename(unfinished, target)
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
    """The entry in `folder`, or None when it is missing, incomplete or damaged."""
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
    """CRC-32 of all rows, or of 64 MiB of evenly spaced rows: little enough to read at every opening."""
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
    unfinished = path.with_name(f"{path.name}.{os.getpid()}.part")
    with unfinished.open("w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)
