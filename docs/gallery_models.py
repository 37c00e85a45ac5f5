"""Trains the models of docs/gallery.md that do not ship with the package, and draws their held-out pictures.

    python docs/gallery_models.py OUT [METHOD ...]

The training pictures are rendered: faces of seed 0 at 64 px, facades of seed 0 at 128 px. Each model is trained with
its default preset and seed 0 into OUT/METHOD, on the threads that OMP_NUM_THREADS gives. A training that is there
already is taken as it is. Pictures go to docs/images/gallery-METHOD.png; steps, processor seconds and machine to
results/gallery.json, which keeps the rows of methods that a call does not name.

The sheets show faces of seed 77 and facades of seed 78, which no model was trained on. A model that only samples has
three rows of samples, seeds 0 to 23.
"""

from __future__ import annotations

import json
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import torch
from gallery_sheets import SHOWN, facades, faces, save
from PIL import Image
from torch import Tensor

import edgan
from benchmarks.cuda_parts.record import circumstances
from edgan.models.model import Model
from edgan.models.sheet import sheet
from edgan.storage.durable import write_json_atomic
from edgan.synthetic import write_folder

DOCS = Path(__file__).parent
RESULTS = DOCS.parent / "results" / "gallery.json"
RENDERED = {"faces": (2000, 64), "facades": (400, 128)}
"""How many, and the side in pixels."""


@dataclass(frozen=True)
class Row:
    """One model of the gallery.

    Attributes:
        steps: of its training.
        edits: the rows of edits in its sheet; empty where the method has none.
        settings: what differs from the preset.
        kind: of the rendered pictures.
    """

    steps: int
    edits: tuple[dict[str, float], ...] = ()
    settings: dict[str, str] = field(default_factory=dict)
    kind: Literal["faces", "facades"] = "faces"


EDITS = ({"Eyeglasses": 3.0}, {"Blond_Hair": 2.0}, {"Bangs": 2.0}, {"Male": 2.0})
CHOSEN = {"attributes": "Bangs,Black_Hair,Blond_Hair,Eyeglasses,Male,Smiling"}
ROWS = {
    "vae": Row(400),
    "ae-xcov": Row(500, EDITS, CHOSEN),
    "icgan": Row(1500, EDITS, CHOSEN),
    "vae-gan": Row(600, EDITS, CHOSEN),
    "pix2pix": Row(900, kind="facades"),
    "uu-net": Row(400, kind="facades"),
    "dcgan": Row(900),
    "lsgan": Row(900),
}


def main() -> None:
    out, *names = sys.argv[1:]
    for name in names or ROWS:
        draw(name, Path(out))


def draw(name: str, out: Path) -> None:
    """Train one model, draw its sheet, and note what it took."""
    row = ROWS[name]
    count, size = RENDERED[row.kind]
    data = out / row.kind
    if not data.is_dir():
        write_folder(row.kind, data, count, size, seed=0)
    settings = " ".join(f"--set {key}={value}" for key, value in row.settings.items())
    command = f"edgan train {name} --data {row.kind} --out RUN --size {size} --steps {row.steps} {settings}".strip()
    note = out / f"{name}.json"
    if not note.exists():
        spent, began = time.process_time(), time.monotonic()
        edgan.train(
            name,
            data,
            out / name,
            size=size,
            steps=row.steps,
            device="cpu",
            report=False,
            quiet=True,
            set={**row.settings, "evaluate_every": str(row.steps), "preview_every": str(row.steps)},
        )
        times = {"processor_seconds": round(time.process_time() - spent), "seconds": round(time.monotonic() - began)}
        made = circumstances(torch.device("cpu"), None, command)
        write_json_atomic(note, {"steps": row.steps, **times, "threads": torch.get_num_threads(), **made})
    save(drawn(edgan.load(out / name, "cpu", "newest"), row), DOCS / "images" / f"gallery-{name}.png")
    noted = json.loads(RESULTS.read_text()) if RESULTS.exists() else {}
    noted[name] = json.loads(note.read_text())
    write_json_atomic(RESULTS, dict(sorted(noted.items())))
    print(name, noted[name]["steps"], "steps,", noted[name]["processor_seconds"], "s", flush=True)


def drawn(model: Model, row: Row) -> Image.Image:
    """The sheet of a model."""
    if model.can("translate"):
        maps, photos = facades(SHOWN)
        return sheet([maps, model.translate(maps).output, photos], 1)
    rows: list[Tensor] = []
    if model.can("reconstruct"):
        inputs = faces(SHOWN)
        rows = [inputs, model.reconstruct(inputs).output, *(model.edit(inputs, edit) for edit in row.edits)]
    if model.can("sample"):
        rows += model.sample(seed=range(SHOWN if rows else 3 * SHOWN)).split(SHOWN)
    return sheet(rows, 2)


if __name__ == "__main__":
    main()
