"""Batches of a data set as inputs of a plan."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import torch
from torch import Tensor

from edgan.data import Batch, Dataset
from edgan.errors import EdganError
from edgan.models.noise import draw_noise
from edgan.processes import ALONE, Processes
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
    """The first images of a split (all where `count` is None) as inputs; the noise is the same at each call."""
    batch = dataset.batch(dataset.indices(split)[:count], device)
    size = len(batch)
    return Inputs(
        fields_of(batch, dtype),
        lambda name, kind, shape: draw_noise((seed, 0, name), kind, (size, *shape)).to(device, dtype),
    )


def split_inputs(dataset: Dataset, split: str, limit: int | None = None, device: torch.device | str = "cpu") -> Inputs:
    """`fixed_inputs` of a split that must hold images, at most `limit` of them.

    Raises:
        EdganError: the split is empty.
    """
    _refuse_empty(dataset, split)
    return fixed_inputs(dataset, split, limit, torch.device(device))


def split_chunks(
    dataset: Dataset, split: str, size: int, processes: Processes = ALONE
) -> Iterator[tuple[int, Mapping[str, Tensor]]]:
    """The fields of a split that must hold images, `size` samples at a time, each with the position of its first.

    Of several processes each has its share of these chunks, which may be none.

    Raises:
        EdganError: the split is empty.
    """
    _refuse_empty(dataset, split)
    where = dataset.indices(split)
    for first in (size * chunk for chunk in processes.share(-(-len(where) // size))):
        yield first, fields_of(dataset.batch(where[first : first + size]))


def rows_of(inputs: Inputs, rows: slice) -> Inputs:
    """Some rows of inputs, with the noise that they have among all."""
    return Inputs(
        {name: values[rows] for name, values in inputs.fields.items()},
        lambda name, kind, shape: inputs.noise(name, kind, shape)[rows],
    )


def _refuse_empty(dataset: Dataset, split: str) -> None:
    if len(dataset.indices(split)) == 0:
        raise EdganError(f"{dataset.path} has no images in its {split} split, so nothing can be evaluated on it.")


def watched_split(dataset: Dataset) -> str:
    """The split that previews and held-out figures use: "val", or "train" where that is empty."""
    return "val" if len(dataset.indices("val")) else "train"
