"""One entry of the cache on disk: arrays, what was left out of them, and checksums of all of it.

KEY/entry.json       the arrays' shapes and checksums, what was left out, and a checksum of these
KEY/image.npy        (N, H, W, C) uint8; for pairs also source.npy and source_index.npy
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgan.data.build import Decoded
from edgan.data.checked_file import write_atomically
from edgan.errors import EdganError

RULES = 2  # counted up when decode.py or this format changes, so that older entries are not read
BLOCK_BYTES = 2**24


@dataclass(frozen=True)
class Entry:
    """Decoded arrays by name, memory-mapped, with the positions in the listing that were left out and why.

    Attributes:
        key: hash of the files' contents and the options.
        channels: 1 or 3.
        arrays: "image" (N, H, W, C) uint8; for pairs "source" (N, H, W, 3) and, for index maps, "source_index".
        left_out: (position in the listing, reason).
        passing: positions among these whose reason may pass: no permission, no memory.
        squares: images of which the central square was used, because the crop was not found in them.
        scratch: the temporary folder of the arrays, kept alive with them, when no cache could be written; else None.
    """

    key: str
    channels: int
    arrays: dict[str, np.ndarray]
    left_out: list[tuple[int, str]]
    passing: tuple[int, ...] = ()
    squares: int = 0
    scratch: Any = None


def write_entry(folder: Path, decoded: Decoded) -> str:
    """Write entry.json next to the decoded arrays and return the key.

    Raises:
        OSError: the disk refused.
    """
    state = hashlib.blake2b(json.dumps([RULES, decoded.options]).encode(), digest_size=16)
    for line in decoded.digests:
        state.update(line)
    entry = {
        "key": state.hexdigest(),
        "channels": decoded.channels,
        "shapes": {name: list(shape) for name, shape in decoded.shapes.items()},
        "left_out": [list(pair) for pair in decoded.left_out],
        "passing": decoded.passing,
        "squares": decoded.squares,
        "checksum": {name: _checksum(np.load(folder / f"{name}.npy", mmap_mode="r")) for name in decoded.shapes},
    }
    write_atomically(folder / "entry.json", json.dumps({**entry, "digest": _digest(entry)}))
    return state.hexdigest()


def load_entry(folder: Path) -> Entry | None:
    """The entry in `folder`, or None when it is missing, incomplete or damaged. Every byte is checked."""
    try:
        entry = json.loads((folder / "entry.json").read_text(encoding="utf-8"))
        if entry.pop("digest") != _digest(entry):
            return None
        arrays = {name: np.load(folder / f"{name}.npy", mmap_mode="r") for name in entry["shapes"]}
        whole = all(list(array.shape) == entry["shapes"][name] for name, array in arrays.items())
        same = whole and all(_checksum(array) == entry["checksum"][name] for name, array in arrays.items())
        left_out = [(int(position), str(reason)) for position, reason in entry["left_out"]]
        if not same:
            return None
        squares = int(entry.get("squares", 0))  # an entry of before has none
        return Entry(entry["key"], entry["channels"], arrays, left_out, tuple(entry["passing"]), squares)
    except (OSError, ValueError, KeyError, TypeError, AttributeError, EOFError):
        return None


def require_whole(array: np.ndarray) -> None:
    """Check that a memory-mapped array still has its file: reading beyond the end of one would end the process.

    Raises:
        EdganError: the file was cut short while it was in use.
    """
    mapped = getattr(array, "_mmap", None)
    if mapped is not None and mapped.size() < getattr(array, "offset", 0) + array.nbytes:
        raise EdganError(
            f"The decoded images in {getattr(array, 'filename', 'the cache')} were cut short while they were in use. "
            "Start the command again: they are decoded again, and a run continues with resume."
        )


def _digest(entry: dict[str, Any]) -> str:
    return hashlib.blake2b(json.dumps(entry, sort_keys=True).encode(), digest_size=16).hexdigest()


def _checksum(array: np.ndarray) -> int:
    """CRC-32 of the CRC-32s of all blocks of rows, which several threads read."""
    rows = max(1, BLOCK_BYTES // max(array[:1].nbytes, 1))
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        blocks = pool.map(lambda start: zlib.crc32(array[start : start + rows].data), range(0, len(array), rows))
        return zlib.crc32(np.fromiter(blocks, dtype="<u4").tobytes())
