"""Units that rank models by their pictures of the test split."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor

from edgan.metrics import nrds
from reproduction.framework.schema import Place, Unit
from reproduction.units.pictures import load_pictures, real_images

NO_BASES: Mapping[str, str] = {}


def rank_unit(
    name: str,
    models: Mapping[str, Unit],
    *,
    seed: int,
    settings: Mapping[str, Any],
    bases: Mapping[str, str] = NO_BASES,
) -> Unit:
    """A unit that ranks models by their pictures of the test split, against the real images.

    Args:
        name: for people.
        models: trainings on the same set, by the names that the ranking uses.
        seed: of the discriminators and of the trainings.
        settings: of `edgan.metrics.nrds`: protocol, seeds, epochs.
        bases: further names in the ranking -> the model of `models` whose base they are.
    """
    options = {"models": list(models), "settings": dict(settings)}
    if bases:
        options["bases"] = dict(bases)
    return Unit(name, rank_models, options, needs=tuple(models.values()), seed=seed)


def rank_models(unit: Unit, place: Place) -> dict[str, Any]:
    """Rank the outputs, or bases, of the models that the unit needs. Returns `NRDS.to_dict()` without the curves."""
    models = dict(zip(unit.options["models"], unit.needs, strict=True))
    pictures = {name: load_pictures(place.folder, training)["output"] for name, training in models.items()}
    for name, model in unit.options.get("bases", {}).items():
        pictures[name] = load_pictures(place.folder, models[model])["base"]
    return ranked(real_of(unit.needs[0], place), pictures, unit, place)


def ranked(real: Tensor, pictures: Mapping[str, Tensor], unit: Unit, place: Place) -> dict[str, Any]:
    """NRDS of sets of pictures, each (N, C, H, W) in [-1, 1], with the unit's settings and seed."""
    settings = unit.options["settings"]
    device = "cuda" if place.device in ("auto", "cuda") and torch.cuda.is_available() else "cpu"
    ranking = nrds(real, pictures, seed=unit.seed, device=device, progress=place.tick, **settings).to_dict()
    return {name: value for name, value in ranking.items() if not name.endswith(("curve", "curves"))}


def real_of(training: Unit, place: Place) -> Tensor:
    """The real images of the test split, in the order of a training's pictures."""
    options = training.options
    return real_images(place.data[options["data"][0]], options["training"]["size"])
