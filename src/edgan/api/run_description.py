"""What run.json says of a training: its configuration and table, its data, and what it was made with."""

from __future__ import annotations

import os
import platform
from typing import Any

import torch

from edgan._version import __version__
from edgan.methods import Shape, find
from edgan.training.loop import Trainer


def described(trainer: Trainer) -> dict[str, Any]:
    """The contents of run.json.

    Args:
        trainer: of the training, before its first step.
    """
    configuration, method, dataset = trainer.configuration, trainer.method, trainer.dataset
    shape, page = Shape.of(dataset), find(configuration.method)
    return {
        "configuration": configuration.model_dump(mode="json"),
        "table": method.plan.table.as_dict(),
        "digest": method.plan.table.digest(),
        "method_from": {"module": page.module, "base": page.base},
        "score": trainer.score.to_dict(),
        "data": {
            "path": os.fspath(dataset.path),
            "key": dataset.key,
            "kind": dataset.kind,
            "channels": shape.channels,
            "source_channels": shape.source_channels,
            "source_maps": dataset.source_index is not None,
            "attributes": list(shape.attributes),
            "classes": list(shape.classes),
            "frequencies": list(shape.frequencies),
            "training_images": shape.training_images,
            "partly_labelled": shape.partly_labelled,
            "images": len(dataset),
        },
        "made_with": {
            "edgan": __version__,
            "torch": torch.__version__,
            "python": platform.python_version(),
            "device": str(trainer.world.device),
            "processes": trainer.world.size,
        },
    }
