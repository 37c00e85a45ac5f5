"""Pictures of what a run does with held-out images, as PNG sheets."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor

import edgan
from edgan.data import Dataset, open_dataset
from edgan.models.inputs import split_inputs
from edgan.models.model import Model
from edgan.models.preview import rows
from edgan.models.sheet import sheet

SHOWN, EDITS = 8, 12
INTENSITY = 3.0


def write_sheets(run: Path, data: Path, out: Path, name: str, device: torch.device) -> list[Path]:
    """NAME.png: what the model is given and what it makes of it; NAME-edits.png of a model that edits.

    Args:
        run: the run's folder.
        data: the folder of its set, whose first test images are shown.
        out: for the sheets.
        name: of the run.
        device: where the model computes.
    """
    model = edgan.load(run, str(device))
    attributes = model.shape.attributes if "attributes" in model.method.fields else None
    dataset = open_dataset(data, size=model.size, channels=model.channels, attributes=attributes)
    fields = {name: value.to(device) for name, value in split_inputs(dataset, "test", SHOWN).fields.items()}
    out.mkdir(parents=True, exist_ok=True)
    scale = 2 if model.size <= 64 else 1
    paths = [out / f"{name}.png"]
    sheet([row.cpu() for row in rows(model, fields).values()], scale).save(paths[0])
    if model.can("edit") and model.controls is not None and "image" in model.method.fields:
        paths.append(out / f"{name}-edits.png")
        sheet(edits(model, fields, dataset), scale).save(paths[1])
    return paths


def edits(model: Model, fields: dict[str, Tensor], dataset: Dataset) -> list[Tensor]:
    """Rows: the images, their reconstructions, then one for each attribute or class that they are edited to."""
    assert model.controls is not None
    names = [name for name in model.controls.names if name in (*dataset.attribute_names, *dataset.label_names)]
    level = 1.0 if model.controls.kind == "multiclass" else min(INTENSITY, model.controls.high)
    units = model.controls.units
    read = {name: fields[name].cpu() for name in model.method.fields if name in fields}
    edited = [
        model.edit(read["image"], {name: level * units.get(name, 1.0)}, **_others(read)) for name in names[:EDITS]
    ]
    return [read["image"], model.reconstruct(read["image"], **_others(read)).output, *edited]


def _others(fields: dict[str, Tensor]) -> dict[str, Tensor]:
    """What a conditional method reads with the images."""
    return {name: value for name, value in fields.items() if name != "image"}
