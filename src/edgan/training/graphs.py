"""Whether a training records its steps as CUDA graphs."""

from __future__ import annotations

from collections.abc import Callable

from edgan.config import Configuration
from edgan.routing import CapturedSteps, Executor
from edgan.training.distributed import World


def captured(
    executor: Executor, configuration: Configuration, world: World, warn: Callable[[str], None]
) -> CapturedSteps | None:
    """The executor's steps as CUDA graphs, if one GPU trains and the configuration allows it."""
    alone = world.device.type == "cuda" and world.size == 1
    return CapturedSteps(executor, warn) if alone and configuration.cuda_graphs else None
