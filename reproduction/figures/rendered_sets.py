"""The rendered sets that the figures' models learn from."""

from __future__ import annotations

import csv
import json
from pathlib import Path

from edgan.methods.reconstruction.face_labels import READ, YEARS
from edgan.synthetic import write_folder

COUNTS = {"faces": 2000, "aged-faces": 2000, "facades": 600}
SET_SEED = 5
YOUNGEST, OLDEST = 18, 80
"""Years of the rendered faces' factor `age` at 0 and at 1."""


def data_of(name: str, size: int, folder: Path) -> Path:
    """The folder of a set at a side in pixels, drawn when first asked for.

    Args:
        name: of `COUNTS`.
        size: side in pixels.
        folder: where sets are kept.
    """
    data = folder / f"{name}-{size}"
    if data.exists():
        return data
    if name != "aged-faces":
        return write_folder(name, data, COUNTS[name], size, SET_SEED)
    drawn = write_folder("faces", folder / f"{name}-{size}-unaged", COUNTS[name], size, SET_SEED)
    _write_ages(drawn)
    return drawn.rename(data)


def share_of_years(age: float) -> float:
    """`Age` of a face, in units of CAAE's 116 years, from its factor `age` in [0, 1]."""
    return (YOUNGEST + (OLDEST - YOUNGEST) * age) / YEARS


def _write_ages(faces: Path) -> None:
    """Replace the attributes by `Age` and `Male`."""
    lines = (faces / "factors.jsonl").read_text(encoding="utf-8").splitlines()
    with open(faces / "metadata.csv", "w", newline="", encoding="utf-8") as table:
        rows = csv.writer(table, lineterminator="\n")
        rows.writerow(("file_name", *READ))
        for face in map(json.loads, lines):
            rows.writerow((face["file_name"], f"{share_of_years(face['age']):.4f}", int(face["male"])))
