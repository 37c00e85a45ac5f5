"""Packs the sets of chosen parts, small enough to be carried to a machine that has none of them."""

from __future__ import annotations

import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path

import numpy as np

from benchmarks.cuda_parts.job import Part
from benchmarks.cuda_parts.record import ROOT, commit
from benchmarks.cuda_parts.sources import packed
from edgan.errors import EdganError, UsageError

MEGABYTE = 1_000_000
LIMIT = 60.0
"""Megabytes that are carried to a machine in one call: the packs, the tree and the wheels together."""
COMMIT = "commit.txt"


def needed(parts: Iterable[Part]) -> dict[str, int]:
    """The sets that parts read, each at the largest side that any of them trains at."""
    sides: dict[str, int] = {}
    for part in parts:
        for need in part.needs:
            sides[need.name] = max(need.side, sides.get(need.name, 0))
    return sides


def pack(
    parts: Iterable[Part],
    source: Path,
    target: Path,
    *,
    beside: int = 0,
    limit: float = LIMIT,
    say: Callable[[str], None] = lambda _: None,
) -> int:
    """Write a pack for each set that the parts read, and the commit.

    Args:
        parts: chosen ones.
        source: the folder with the sets' .npz files.
        target: for the packs; a new folder, or one of an earlier call, whose packs are replaced.
        beside: bytes that are carried along with them.
        limit: megabytes in all.
        say: called with a line for each set.

    Returns:
        The bytes of the packs.

    Raises:
        UsageError: no part reads a set, or they come to more than the limit; the packs are then removed.
    """
    sides = needed(parts)
    if not sides:
        raise UsageError("None of these parts reads a set, so there is nothing to pack. They run without --data.")
    target.mkdir(parents=True, exist_ok=True)
    for stale in target.glob("*.npz"):
        stale.unlink()
    sizes: dict[str, int] = {}
    for name, side in sorted(sides.items()):
        path = target / f"{name}.npz"
        np.savez_compressed(path, **packed(name, source, side))  # type: ignore[arg-type]
        sizes[name] = path.stat().st_size
        say(f"{name} at {side} px: {sizes[name] / MEGABYTE:.1f} MB")
    (target / COMMIT).write_text(commit() + "\n", encoding="utf-8")
    total = sum(sizes.values())
    say(f"packs {total / MEGABYTE:.1f} MB, and {beside / MEGABYTE:.1f} MB beside them")
    if total + beside > limit * MEGABYTE:
        for name in sizes:
            (target / f"{name}.npz").unlink()
        largest = max(sizes, key=lambda name: sizes[name])
        raise UsageError(
            f"The packs are {total / MEGABYTE:.1f} MB and the tree and wheels {beside / MEGABYTE:.1f} MB: more than "
            f"the {limit:g} MB of one call. The largest is {largest}, {sizes[largest] / MEGABYTE:.1f} MB. The packs "
            "were removed. Choose fewer parts with --parts, and run the others in another call."
        )
    return total


def size_of_tree() -> int:
    """Bytes of the files that git tracks here.

    Raises:
        EdganError: this is not a checkout.
    """
    command = ["git", "-C", str(ROOT), "ls-files", "-z"]
    try:
        listed = subprocess.run(command, capture_output=True, check=True, timeout=60).stdout
    except (OSError, subprocess.SubprocessError) as error:
        raise EdganError(f"{ROOT} is not a git checkout, so its size is not known ({error}). Pack in one.") from error
    files = [ROOT / name for name in listed.decode().split("\0") if name]
    return sum(file.stat().st_size for file in files if file.is_file())


def size_of_folder(folder: Path) -> int:
    """Bytes of the files in a folder; 0 where there is none."""
    return sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) if folder.is_dir() else 0
