"""What a training is about to do, in a sentence, before its first step."""

from __future__ import annotations

import torch

from edgan.config import Configuration
from edgan.data import Dataset
from edgan.errors import counted
from edgan.training.distributed import World


def training_plan(configuration: Configuration, dataset: Dataset, world: World, done: int, out: str) -> str:
    """A line such as "cdnet, preset quick: 1,567 steps of 32 images at 64 px on the CPU (2 threads); ...".

    Args:
        configuration: of the training.
        dataset: its images.
        world: the processes and the device.
        done: steps that an earlier session of the run did.
        out: the run's folder.
    """
    steps = counted(configuration.steps, "step")
    if done:
        steps = f"steps {done + 1:,} to {configuration.steps:,}"
    images = len(dataset.indices("train"))
    return (
        f"{configuration.method}, preset {configuration.preset}: {steps} of {counted(configuration.batch, 'image')} at "
        f"{configuration.size} px on {_device(world)}; {counted(images, 'training image')}; saved in {out}."
    )


def _device(world: World) -> str:
    if world.device.type == "cpu":
        where = f"the CPU ({counted(torch.get_num_threads(), 'thread')})"
    elif world.device.type == "cuda":
        where = f"{torch.cuda.get_device_name(world.device)} ({world.device})"
    else:
        where = f"the device {world.device}"
    return where if world.size == 1 else f"{where} in {world.size} processes"
