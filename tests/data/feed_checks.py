"""What every reader of large sets must keep: the samples that a training's steps see."""

from __future__ import annotations

from pathlib import Path

import torch

from edgan.data import open_dataset
from edgan.training.distributed import World
from edgan.training.feed import Feed


def assert_steps_see_the_same_samples(place: Path) -> None:
    """After a resume, and shared by two processes. Each picture of the set has one grey level of its own.

    Args:
        place: a set of at least 8 training pictures.
    """

    def seen(steps: range, rank: int = 0, size: int = 1) -> list[list[int]]:
        feed = Feed(open_dataset(place, size=8), 8, 3, World(rank, size, torch.device("cpu")))
        images = [feed.inputs(step).fields["image"] for step in steps]
        return [((image[:, 0, 0, 0] + 1) * 127.5).round().int().tolist() for image in images]

    whole = seen(range(12))
    assert seen(range(7, 12)) == whole[7:]
    halves = [seen(range(12), rank, 2) for rank in (0, 1)]
    assert [first + second for first, second in zip(*halves, strict=True)] == whole
