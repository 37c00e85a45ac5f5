"""The built-in rendered sets, drawn on all cores."""

from __future__ import annotations

import csv
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

from benchmarks.cuda_parts.job import once
from edgan.errors import EdganError
from edgan.synthetic import write_folder

LEAST = 200
"""Pictures a process; fewer are drawn faster than a process starts."""
MOST = 8
"""Processes at once. Parts that run together draw together."""
DRAW = "import sys; from edgan.synthetic import write_folder; k, d, c, s, n = sys.argv[1:]; "
DRAW += "write_folder(k, d, int(c), int(s), int(n))"
"""A process of its own, which imports neither torch nor the part that is waiting for it."""


def rendered(kind: str, count: int, side: int, scratch: Path) -> Path:
    """The folder of a rendered set, drawn once in a call.

    Args:
        kind: "faces" or "facades".
        count: how many pictures.
        side: in pixels.
        scratch: where it is kept.
    """
    return once(scratch / "rendered" / f"{kind}-{count}-{side}", partial(_draw, kind, count, side))


def _draw(kind: str, count: int, side: int, folder: Path) -> None:
    draw_shards(kind, count, side, folder, max(1, min(os.cpu_count() or 1, MOST, count // LEAST)))


def draw_shards(kind: str, count: int, side: int, folder: Path, shards: int) -> None:
    """Draw a set in several processes at once, with the seeds 0, 1, ...: their number decides the pictures.

    Args:
        kind: "faces" or "facades".
        count: how many pictures.
        side: in pixels.
        folder: for the set; it must not exist.
        shards: how many processes.

    Raises:
        EdganError: a process failed.
    """
    if shards == 1:
        write_folder(kind, folder, count, side)
        return
    counts = [count // shards + (place < count % shards) for place in range(shards)]
    folders = [folder.with_name(f"{folder.name}-{place}") for place in range(shards)]
    draw = [sys.executable, "-c", DRAW, kind]
    processes = [
        subprocess.Popen([*draw, str(shard), str(number), str(side), str(seed)])
        for seed, (shard, number) in enumerate(zip(folders, counts, strict=True))
    ]
    if max(process.wait() for process in processes) != 0:
        raise EdganError(f"The rendered {kind} could not be drawn; the processes said why.")
    folder.mkdir()
    rows: list[dict[str, str]] = []
    for place, shard in enumerate(folders):
        for picture in shard.rglob("*.png"):
            inner = picture.relative_to(shard).parent
            (folder / inner).mkdir(exist_ok=True)
            picture.rename(folder / inner / f"{place:02d}-{picture.name}")
        if (shard / "metadata.csv").is_file():
            rows += _renamed(shard / "metadata.csv", place)
        shutil.rmtree(shard)
    if rows:
        with (folder / "metadata.csv").open("w", newline="", encoding="utf-8") as file:
            table = csv.DictWriter(file, list(rows[0]), lineterminator="\n")
            table.writeheader()
            table.writerows(rows)


def _renamed(table: Path, place: int) -> list[dict[str, str]]:
    with table.open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for row in rows:
        inner, _, name = row["file_name"].rpartition("/")
        row["file_name"] = f"{inner}/{place:02d}-{name}"
    return rows
