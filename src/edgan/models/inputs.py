"""Batches of a data set as inputs of a plan."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor

from edgan.data import Batch, Dataset
from edgan.models.noise import draw_noise
from edgan.routing import Inputs


def fields_of(batch: Batch, dtype: torch.dtype = torch.float32) -> Mapping[str, Tensor]:
    """The batch's tensors by the names that taps use; what the data lacks is left out."""
    named = {name: getattr(batch, name) for name in ("image", "source", "attributes", "label")}
    present = {name: value for name, value in named.items() if value is not None}
    return {name: value.to(dtype) if value.is_floating_point() else value for name, value in present.items()}


def fixed_inputs(
    dataset: Dataset,
    split: str,
    count: int | None,
    device: torch.device,
    seed: int = 0,
    dtype: torch.dtype = torch.float32,
) -> Inputs:
    """Inputs of the first images of a split, of all where `count` is None: the same at each call."""
    batch = dataset.batch(dataset.indices(split)[:count], device)
    size = len(batch)
    return Inputs(
        fields_of(batch, dtype),
        lambda name, kind, shape: draw_noise((seed, 0, name), kind, (size, *shape)).to(device, dtype),
    )
