"""What each step sees: batches and noise as pure functions of (seed, step), so that a resumed run sees the same."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from edgan.data import Dataset
from edgan.data.augment import DRAWS, augment
from edgan.data.sampler import batch_indices, rank_slice
from edgan.errors import UsageError
from edgan.models.inputs import fields_of
from edgan.models.noise import draw_noise
from edgan.routing import Inputs, Source
from edgan.settings import AugmentSettings
from edgan.training.distributed import World


class Feed:
    """Hands a training its inputs.

    Args:
        dataset: the images.
        batch: images a step, over all processes.
        seed: of the sample order and the noise.
        world: the processes; each reads its own part of the one global order.
        draws: batches a step (more than 1 only where a phase repeats on fresh ones).
        dtype: of images and noise.
        augment: how training pictures vary; the variation is a pure function of seed, step and position, as noise is.

    Raises:
        UsageError: the batch does not divide among the processes, or the set has fewer training images than that.
    """

    def __init__(
        self,
        dataset: Dataset,
        batch: int,
        seed: int,
        world: World,
        draws: int = 1,
        dtype: torch.dtype = torch.float32,
        augment: AugmentSettings | None = None,
    ) -> None:
        self.augment = augment or AugmentSettings()
        self.dataset = dataset
        self.batch = batch
        self.seed = seed
        self.world = world
        self.draws = draws
        self.dtype = dtype
        self.split = dataset.indices("train")
        if len(self.split) == 0:
            raise UsageError(f"{dataset.path} has no training images.")
        if len(self.split) < batch:
            raise UsageError(
                f"{dataset.path} has too few training images ({len(self.split)}) for a batch of {batch}. "
                f"Lower --batch to {len(self.split)} or less, or add images."
            )
        if batch % world.size:
            raise UsageError(f"A batch of {batch} does not divide among {world.size} processes; choose a multiple.")

    def inputs(self, step: int, draw: int = 0, shuffle: int = 0) -> Inputs:
        """The inputs of a step, counted from 0 over the whole run.

        Args:
            step: the global step.
            draw: which of the step's batches.
            shuffle: another order for the same seed; a rollback counts it up, so as not to meet the same end again.
        """
        seed = self.seed + 1_000_003 * shuffle
        position = step * self.draws + draw
        where = batch_indices(seed, position, self.batch, len(self.split), self.split)
        mine = rank_slice(where, self.world.rank, self.world.size)
        batch = self.dataset.batch(mine, self.world.device)

        def drawn(name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
            whole = draw_noise((seed, position, name), kind, (self.batch, *shape))
            share = self.batch // self.world.size
            return whole[self.world.rank * share :][:share]

        def noise(name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
            return drawn(name, kind, shape).to(self.world.device, self.dtype)

        fields = fields_of(batch, self.dtype)
        if self.augment.varies:
            draws = drawn("augment", "uniform", (DRAWS,))
            fields = augment(fields, draws, self.augment.enlarge, self.augment.flip)
        return Inputs(fields, noise, batch.index)

    def source(self) -> Source | None:
        """The whole set, for what is kept of each image; None where an image is not always the same."""
        if self.augment.varies:
            return None

        def fields(where: Tensor) -> Mapping[str, Tensor]:
            return fields_of(self.dataset.batch(where.numpy(), self.world.device), self.dtype)

        return Source(len(self.dataset), fields)
