"""The built-in rendered sets, drawn on all cores."""

from __future__ import annotations

import csv
import os
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from multiprocessing import get_context
from pathlib import Path

from benchmarks.cuda_parts.job import once
from edgan.synthetic import write_folder

LEAST = 200
"""Pictures a process; fewer are drawn faster than a process starts."""


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
    shards = max(1, min(os.cpu_count() or 1, count // LEAST))
    if shards == 1:
        write_folder(kind, folder, count, side)
        return
    counts = [count // shards + (place < count % shards) for place in range(shards)]
    folders = [folder.with_name(f"{folder.name}-{place}") for place in range(shards)]
    # Spawned, not forked: a process that has used CUDA must not be forked.
    with ProcessPoolExecutor(shards, get_context("spawn")) as pool:
        list(pool.map(write_folder, [kind] * shards, folders, counts, [side] * shards, range(shards)))
    folder.mkdir()
    rows: list[dict[str, str]] = []
    for place, shard in enumerate(folders):
        for picture in shard.rglob("*.png"):
            inner = picture.relative_to(shard).parent
            (folder / inner).mkdir(exist_ok=True)
            picture.rename(folder / inner / f"{place:02d}-{picture.name}")
        if (shard / "metadata.csv").is_file():
            rows += _renamed(shard / "metadata.csv", place)
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
