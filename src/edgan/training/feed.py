"""The inputs of each step: batches and noise as pure functions of (seed, step), so that a resumed run has the same."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import torch
from torch import Tensor

from edgan.data import Dataset
from edgan.data.augment import DRAWS, augment
from edgan.data.resident import resident
from edgan.data.sampler import batch_indices, rank_slice
from edgan.data.transfer import moved
from edgan.errors import UsageError
from edgan.models.inputs import fields_of
from edgan.models.noise import draw_noise
from edgan.routing import Inputs, Source
from edgan.settings import AugmentSettings
from edgan.training.distributed import World


class Feed:
    """Gives a training its inputs.

    Args:
        dataset: the images.
        batch: images per step, over all processes.
        seed: of the sample order and the noise.
        world: the processes; each reads its share of the global order.
        draws: batches per step; more than 1 only if a phase repeats on fresh batches.
        dtype: of images and noise.
        least: images that each process needs in a step.
        labelled_steps: at so many steps from the first one on, every loss reads attributes. Of a data set that is
            labelled in part, the batches of these steps are drawn from the images that have a label.
        augment: augmentation of training images; like noise, a pure function of seed, step and position.

    Raises:
        UsageError: the set has fewer training images than the batch or than a step needs, or the batch is not a
            multiple of the number of processes, or too small for them.
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
        least: int = 1,
        labelled_steps: int = 0,
    ) -> None:
        self.augment = augment or AugmentSettings()
        self.dataset = dataset
        self.batch = batch
        self.seed = seed
        self.world = world
        self.draws = draws
        self.dtype = dtype
        self._resident = resident(dataset, world.device)
        self.split = dataset.indices("train")
        self.labelled, self.labelled_steps = self.split, labelled_steps
        if dataset.attributes is not None and dataset.partly_labelled:
            self.labelled = self.split[~np.isnan(dataset.attributes[self.split]).all(1)]
        if len(self.split) == 0:
            raise UsageError(f"{dataset.path} has no training images.")
        if len(self.split) < least * world.size:
            count = "1 training image" if len(self.split) == 1 else f"{len(self.split)} training images"
            raise UsageError(f"{dataset.path} has {count}, and a step needs at least {least * world.size}: add images.")
        if len(self.split) < batch:
            raise UsageError(
                f"must be at most {len(self.split)}, the number of training images in {dataset.path} (got {batch}).",
                parameter="batch",
            )
        if batch % world.size:
            raise UsageError(
                f"must be a multiple of {world.size}, the number of processes (got {batch}).", parameter="batch"
            )
        if batch < least * world.size:
            raise UsageError(
                f"must be at least {least * world.size}, {least} for each of {world.size} processes (got {batch}).",
                parameter="batch",
            )

    def inputs(self, step: int, draw: int = 0, shuffle: int = 0) -> Inputs:
        """The inputs of a step, counted from 0 over the whole run.

        Args:
            step: the global step.
            draw: which of the step's batches.
            shuffle: selects another order for the same seed. Each rollback increases it, to avoid the same failure.
        """
        seed = self.seed + 1_000_003 * shuffle
        position = step * self.draws + draw
        split = self.labelled if step < self.labelled_steps else self.split
        where = batch_indices(seed, position, self.batch, len(split), split)
        mine = rank_slice(where, self.world.rank, self.world.size)
        batch = self._resident.batch(mine) if self._resident else self.dataset.batch(mine, self.world.device)

        def drawn(name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
            whole = draw_noise((seed, position, name), kind, (self.batch, *shape))
            share = self.batch // self.world.size
            return whole[self.world.rank * share :][:share]

        def noise(name: str, kind: str, shape: tuple[int, ...]) -> Tensor:
            return moved(drawn(name, kind, shape), self.world.device, self.dtype)

        fields = fields_of(batch, self.dtype)
        if self.augment.varies:
            draws = drawn("augment", "uniform", (DRAWS,))
            fields = augment(fields, draws, self.augment.enlarge, self.augment.flip)
        return Inputs(fields, noise, torch.from_numpy(mine))

    def source(self) -> Source | None:
        """The whole set, for values that are kept for each image; None if augmentation varies the images."""
        if self.augment.varies:
            return None

        def fields(where: Tensor) -> Mapping[str, Tensor]:
            return fields_of(self.dataset.batch(where.numpy(), self.world.device), self.dtype)

        return Source(len(self.dataset), fields)
