"""The preview of a zoo model: a sheet of held-out pictures and what the model makes of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import torch
import torch.nn.functional as F
from PIL import Image
from torch import Tensor

from benchmarks.zoo_data import PublishedData
from benchmarks.zoo_recipes import Recipe
from edgan.data import open_dataset
from edgan.data.batch import from_uint8
from edgan.errors import EdganError
from edgan.models.inputs import split_inputs
from edgan.models.model import Model
from edgan.models.preview import rows
from edgan.models.sheet import sheet

LARGEST = 60_000
"""Bytes of a preview."""
COLOURS = (256, 192, 128, 96, 64, 48, 32)
"""Sizes of a preview's palette; the first that keeps it small enough is taken."""
SHOWN = 1000
"""Seed of the pictures that stand in for those of a published set."""


def write_preview(model: Model, recipe: Recipe, fresh: Path, path: Path) -> None:
    """A sheet of held-out pictures, at most LARGEST bytes: what the model is given, and what it makes of it."""
    fields = shown_fields(model, recipe, fresh)
    made = rows(model, fields)
    shown = [made[name] for name in recipe.rows]
    shown += [model.edit(fields["image"], {name: level}) for name, level in recipe.sweep.items()]
    shown += [model.sample(recipe.columns, seed=seed) for seed in range(recipe.sampled)]
    page = sheet([F.interpolate(row, recipe.cell, mode="area") for row in shown])
    for colours in COLOURS:
        page.quantize(colours, dither=Image.Dither.NONE).save(path, optimize=True)
        if path.stat().st_size <= LARGEST:
            return
    raise EdganError(f"{path} is larger than {LARGEST:,} bytes. Show fewer pictures.")


def shown_fields(model: Model, recipe: Recipe, fresh: Path) -> Mapping[str, Tensor]:
    """Held-out pictures for the preview, or those that stand in for them."""
    if isinstance(recipe.data, PublishedData):
        if recipe.data.stand_in is None:
            return {"image": model.sample(recipe.columns, seed=SHOWN)}
        pictures, _ = recipe.data.stand_in(recipe.columns, model.size, SHOWN)
        return {"image": from_uint8(torch.from_numpy(pictures[:, :, :, None]))}
    dataset = open_dataset(fresh, size=model.size, channels=model.channels)
    return split_inputs(dataset, "test", recipe.columns).fields
