"""Decoded pixels on disk: written once, memory-mapped from then on.

    CACHE/index/STAMP.json     maps what was opened (path, file names, sizes, times, options) to KEY
    CACHE/KEY/                 an entry (`edgan.data.entry`)

KEY is a hash of the files' contents and the options, so copies of a set share an entry. The stamp is made from a
listing of the folder alone: as with make, a change that keeps a file's size and its times goes unnoticed.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import secrets
import shutil
import tempfile
import time
import warnings
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from edgan.data.build import build, decode_sides, read_raw
from edgan.data.checked_file import write_atomically
from edgan.data.entry import RULES, Entry, load_entry, write_entry
from edgan.data.listing import Listing
from edgan.data.pillow import UndecodableError
from edgan.data.tree import Tree
from edgan.data.turns import turn
from edgan.errors import EdganError
from edgan.paths import cache_folder, expand

UNFINISHED = ".part-"
STALE_SECONDS = 86_400

Progress = Callable[[int, int], None]


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
        folder: the cache; None: `edgan.paths.cache_folder()`.
        progress: called with (images done, images in all) while images are decoded.

    Raises:
        EdganError: no image can be decoded, or the pixels cannot be stored anywhere.
    """
    try:
        folder = cache_folder() if folder is None else expand(folder)
        stamp = folder / "index" / f"{_stamp(tree, listing, size, channels)}.json"
        entry = _find(folder, stamp)
        if entry is not None and not any(_readable_now(listing, position) for position in entry.passing):
            return entry
        _require_space(folder, listing, size)
        _sweep(folder)
        # The permissions are those of any folder of this user: a cache may be shared, and mkdtemp's is for one alone.
        unfinished = folder / f"{UNFINISHED}{secrets.token_hex(8)}"
        unfinished.mkdir()
    except OSError as error:
        where = "" if folder is None else f"{folder}: "
        return _temporary(tree, listing, size, channels, progress, f"{where}{error.strerror or error}")
    try:
        key = write_entry(unfinished, build(tree, listing, size, channels, unfinished, progress))
        _publish(unfinished, folder / key)
        write_atomically(stamp, json.dumps({"key": key}))
        entry = load_entry(folder / key)
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
        write_entry(Path(scratch.name), build(tree, listing, size, channels, Path(scratch.name), progress))
        entry = load_entry(Path(scratch.name))
    except OSError as error:
        raise EdganError(
            f"The decoded images cannot be stored, neither in the cache ({why}) nor in the temporary folder "
            f"({error.strerror or error}). Free some space, or set EDGAN_CACHE to a folder with enough."
        ) from error
    if entry is None:
        raise EdganError(f"The temporary folder {scratch.name} loses what is written to it. Set EDGAN_CACHE.")
    return replace(entry, scratch=scratch)


def _stamp(tree: Tree, listing: Listing, size: int, channels: int | None) -> str:
    state = hashlib.blake2b(digest_size=16)
    options = [RULES, str(tree.path.resolve()), listing.kind, listing.pairing.value, len(listing.names), size, channels]
    options += listing.cut
    state.update(json.dumps(options).encode())
    for name in listing.files:
        state.update(f"{name}\0{tree.stats[name].size}\0{tree.stats[name].changed}\n".encode("utf-8", "surrogatepass"))
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


def _publish(unfinished: Path, target: Path) -> None:
    """Rename a complete entry into place; another process may have put the same one there first."""
    if target.exists() and load_entry(target) is None:
        shutil.rmtree(target)
    try:
        os.rename(unfinished, target)
    except OSError:
        if load_entry(target) is None:
            raise


def _readable_now(listing: Listing, position: int) -> bool:
    """Whether an image that could not be read when the entry was made can be now."""
    try:
        with turn():
            decode_sides(listing.pairing, read_raw(listing, position))
    except UndecodableError as error:
        return not error.passing
    return True


def _find(folder: Path, stamp: Path) -> Entry | None:
    try:
        key = json.loads(stamp.read_text(encoding="utf-8"))["key"]
    except (OSError, ValueError, KeyError, TypeError):
        return None
    return load_entry(folder / Path(str(key)).name)
