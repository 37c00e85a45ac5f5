"""Writes a built-in set as an ordinary folder of images."""

from __future__ import annotations

import csv
import json
import shutil
from collections.abc import Callable, Iterator
from dataclasses import asdict
from os import PathLike
from pathlib import Path

import numpy as np
from PIL import Image

from edgan.errors import EdganError, UsageError, near_miss
from edgan.paths import expand
from edgan.synthetic.canvas import check_size
from edgan.synthetic.digits import render_digits
from edgan.synthetic.facades import colour_labels, render_facades
from edgan.synthetic.faces import render_face
from edgan.synthetic.factors import FACE_ATTRIBUTES, attributes_of, sample_face


def write_folder(
    kind: str,
    dest: str | PathLike[str],
    count: int,
    size: int,
    seed: int = 0,
    progress: Callable[[int, int], None] | None = None,
    independent: bool = False,
    patterned: bool = False,
) -> Path:
    """Draw a built-in set and write it as an ordinary folder.

    "faces" writes images/000000.png and so on, metadata.csv (`file_name` and a 0/1 column for each attribute of
    `FACE_ATTRIBUTES`) and factors.jsonl (a line with all factors of each face). "facades" writes train/, val/ and test/
    (8 : 1 : 1) with images twice as wide as high: the photograph on the left, the label map in the colours of
    `FACADE_PALETTE` on the right. "digits" writes 0/000000.png, 1/000001.png and so on: a folder for each class.

    Args:
        kind: "faces", "facades" or "digits".
        dest: a folder that does not exist or is empty.
        count: the number of pictures, at least 1.
        size: side in pixels, at least 16.
        seed: of the set.
        progress: called with (written, count) after each picture.
        independent: sample all factors of faces independently (see `sample_face`).
        patterned: draw faces with patterns on backgrounds and clothes (see `sample_face`).

    Returns:
        The folder. The set is written next to it first and then moved, so that a failure leaves nothing behind.

    Raises:
        UsageError: an unknown kind, a count below 1, a size below 16, or `independent` or `patterned` for a kind other
            than faces.
        EdganError: `dest` is a file or not empty, or cannot be written.
    """
    if kind not in _WRITERS:
        raise UsageError(f"{kind!r} is not a built-in set. {near_miss(kind, _WRITERS)}")
    check_size(count, size)
    for name, given in (("independent", independent), ("patterned", patterned)):
        if given and kind != "faces":
            raise UsageError("applies to faces only.", parameter=name)
    if count == 0:
        raise UsageError("must be at least 1 (got 0).", parameter="count")
    folder = expand(dest).absolute()
    unfinished = folder.with_name(f".{folder.name}.part")
    try:
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise EdganError(
                f"{folder} already exists and is not an empty folder, so nothing was written. Pass a new folder, or "
                "remove this one first."
            )
        shutil.rmtree(unfinished, ignore_errors=True)
        unfinished.mkdir(parents=True)
        for written in _WRITERS[kind](unfinished, count, size, seed, independent, patterned):
            if progress is not None:
                progress(written, count)
        folder.mkdir(exist_ok=True)
        for entry in unfinished.iterdir():
            entry.rename(folder / entry.name)
        unfinished.rmdir()
    except OSError as error:
        shutil.rmtree(unfinished, ignore_errors=True)
        raise EdganError(
            f"The set could not be written to {folder}: {error}. Check the permissions and the free space."
        ) from error
    return expand(dest)


def _write_faces(folder: Path, count: int, size: int, seed: int, independent: bool, patterned: bool) -> Iterator[int]:
    (folder / "images").mkdir()
    with (
        open(folder / "metadata.csv", "w", newline="", encoding="utf-8") as table,
        open(folder / "factors.jsonl", "w", encoding="utf-8") as lines,
    ):
        rows = csv.DictWriter(table, ("file_name", *FACE_ATTRIBUTES), lineterminator="\n")
        rows.writeheader()
        for index in range(count):
            factors, name = sample_face(seed, index, independent, patterned), f"images/{index:06d}.png"
            Image.fromarray(render_face(factors, size)).save(folder / name)
            rows.writerow({"file_name": name, **attributes_of(factors)})
            lines.write(json.dumps({"file_name": name, **asdict(factors)}) + "\n")
            yield index + 1


def _write_facades(folder: Path, count: int, size: int, seed: int, *_of_faces: bool) -> Iterator[int]:
    held_out = count // 10
    splits = ["train"] * (count - 2 * held_out) + ["val"] * held_out + ["test"] * held_out
    for split in dict.fromkeys(splits):
        (folder / split).mkdir()
    for index, split in enumerate(splits):
        photos, labels = render_facades(1, size, seed, start=index)
        pair = np.concatenate((photos[0], colour_labels(labels[0])), axis=1)
        Image.fromarray(pair).save(folder / split / f"{index:06d}.png")
        yield index + 1


def _write_digits(folder: Path, count: int, size: int, seed: int, *_of_faces: bool) -> Iterator[int]:
    for index in range(count):
        (picture,), (digit,) = render_digits(1, size, seed, start=index)
        (folder / str(digit)).mkdir(exist_ok=True)
        Image.fromarray(picture).save(folder / str(digit) / f"{index:06d}.png")
        yield index + 1


_WRITERS: dict[str, Callable[[Path, int, int, int, bool, bool], Iterator[int]]] = {
    "faces": _write_faces,
    "facades": _write_facades,
    "digits": _write_digits,
}
