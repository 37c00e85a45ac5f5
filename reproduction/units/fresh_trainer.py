"""A training that is set up and stepped by hand: nothing of it is saved."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch

from edgan.config import configure
from edgan.data import open_dataset
from edgan.methods import Shape
from edgan.storage.run_folder import RunFolder
from edgan.training.distributed import World
from edgan.training.loop import Trainer
from reproduction.framework.schema import Place

NOWHERE = RunFolder(".")


def fresh_trainer(
    options: Mapping[str, Any], place: Place, seed: int, device: torch.device, folder: RunFolder = NOWHERE
) -> Trainer:
    """The training of a unit of `train_unit` before its first step.

    Args:
        options: of the unit.
        place: where the data lies.
        seed: of the training.
        device: that computes.
        folder: of a run, to resume from.
    """
    training = dict(options["training"])
    preset = training.pop("preset")
    configuration = configure(options["method"], preset, options["set"], **training, seed=seed, device=str(device))
    dataset = open_dataset(place.data[options["data"][0]], **configuration.data_options)
    method = configuration.build(Shape.of(dataset))
    return Trainer(configuration, method, dataset, folder, World(0, 1, device))
