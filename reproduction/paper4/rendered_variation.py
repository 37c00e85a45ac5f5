"""GRIT on rendered facades, where the true variance between photographs of one label map is known (row 4.3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import torch

from edgan.data import from_uint8
from edgan.metrics import variation_by_octave
from edgan.synthetic import render_facades, write_folder
from reproduction.framework.schema import Outputs, Place, Unit
from reproduction.framework.verdict import Check, Figure, equivalent, figure
from reproduction.units.translators import SET, VARIED, Scale, train_translator, translator_unit

COUNT = 500
"""Rendered facades: 400 for training, as in CMP Facades, 50 for validation, 50 for the test."""
TEST = COUNT - COUNT // 10
"""Index of the first test facade."""
MATERIALS = 1000
"""Seed of the first of the other materials; it is the seed of no training."""
WITHIN = 0.5
"""In decades: a factor of 3."""
FINEST = 0


def rendered_unit(scale: Scale, seed: int) -> Unit:
    """The unit that trains GRIT on facades rendered with the training's seed."""
    unit = translator_unit(scale, f"rendered, {COUNT}", "GRIT rendered", "grit", seed, objective="grit")
    return replace(unit, work=train_on_rendered)


def train_on_rendered(unit: Unit, place: Place) -> dict[str, Any]:
    """Render the set, train as the unit says, and measure the model's variants and the renderer's.

    Returns:
        What `train_translator` returns, and "true": variance between photographs of one label map, by octave.
    """
    size = int(unit.options["training"]["size"])
    folder = place.folder / "sets" / f"rendered-facades-{size}-seed-{unit.seed}"
    if not folder.exists():
        folder.parent.mkdir(parents=True, exist_ok=True)
        write_folder("facades", folder, COUNT, size, unit.seed, progress=place.tick)
    result = train_translator(unit, replace(place, data={SET: folder}))
    return {**result, "true": true_variation(size, unit.seed, unit.options["variants"])}


def true_variation(size: int, seed: int, count: int) -> list[float]:
    """The variance between renderings of the same test layouts in different materials, by octave, the finest first."""
    drawn = [render_facades(VARIED, size, seed, TEST, MATERIALS + variant)[0] for variant in range(count)]
    variants = from_uint8(torch.from_numpy(np.concatenate(drawn)))
    return [float(value) for value in variation_by_octave(variants.unflatten(0, (count, VARIED)))]


def compared(rendered: Sequence[Unit], outputs: Outputs) -> tuple[Check, Mapping[str, Figure]]:
    """The check that fine variance is about that of the renderer, and figures of every octave."""
    results = [outputs[unit.key] for unit in rendered]
    ratios = [
        [float(np.log10(max(mine, 1e-12) / max(true, 1e-12))) for mine, true in zip(*pair, strict=True)]
        for pair in ((result["variants"]["octaves"], result["true"]) for result in results)
    ]
    name = "log10 of the variance between variants of rendered facades over the renderer's"
    check = equivalent(f"{name}, finest octave", [ratio[FINEST] for ratio in ratios], WITHIN)
    bands = range(len(ratios[0]))
    return check, {f"{name}, octave {band}": figure([ratio[band] for ratio in ratios]) for band in bands}
