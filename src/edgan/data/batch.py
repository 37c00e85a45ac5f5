"""One batch of samples: what every method and every metric reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Batch:
    """N samples of a data set.

    Attributes:
        image: (N, C, H, W) float32 in [-1, 1], in channels-last memory order when it comes from a `Dataset`.
        index: (N,) int64, the samples' positions in their `Dataset`.
        attributes: (N, A) float32 in [0, 1], NaN where unknown, in the order of `Dataset.attribute_names`; None when
            the set has none.
        label: (N,) int64, positions in `Dataset.label_names`; None when the set has none.
        source: (N, C', H, W) float32 in [-1, 1], the source of each pair; None when the set has no pairs.
    """

    image: Tensor
    index: Tensor
    attributes: Tensor | None = None
    label: Tensor | None = None
    source: Tensor | None = None

    def __len__(self) -> int:
        """The number of samples, N."""
        return self.image.shape[0]

    def to(self, device: torch.device | str) -> Batch:
        """The same batch with every tensor on `device`."""
        return self._each(lambda tensor: tensor.to(device))

    def narrow(self, start: int, stop: int) -> Batch:
        """Samples `start` to `stop` (exclusive) as a batch of views; no memory is copied."""
        return self._each(lambda tensor: tensor[start:stop])

    def _each(self, change: Callable[[Tensor], Tensor]) -> Batch:
        tensors = {field.name: getattr(self, field.name) for field in dataclasses.fields(self)}
        return dataclasses.replace(self, **{name: change(t) for name, t in tensors.items() if t is not None})


def from_uint8(images: Tensor) -> Tensor:
    """Stored pixels as a network reads them: x = u8 / 127.5 - 1.

    Args:
        images: (N, H, W, C) uint8, on any device.

    Returns:
        (N, C, H, W) float32 in [-1, 1], a channels-last view: the memory order is kept, nothing is transposed.
    """
    return images.permute(0, 3, 1, 2).to(torch.float32).div_(127.5).sub_(1.0)
