"""A data set that lies on the GPU, so that a batch needs nothing of the host but its positions."""

from __future__ import annotations

import numpy as np
import torch

from edgan.data.batch import Batch
from edgan.data.dataset import Dataset
from edgan.data.entry import require_whole
from edgan.data.transfer import moved

SHARE = 4
"""A set is put on a GPU if it takes at most one part in four of the memory that is free there."""


class ResidentData:
    """A data set's stored arrays on a device, and batches of them with the bits of `Dataset.batch`.

    Args:
        dataset: the set.
        device: where its pixels, attributes, labels and sources go, as they are stored.
    """

    def __init__(self, dataset: Dataset, device: torch.device) -> None:
        self._dataset, self._device = dataset, device
        self._arrays: dict[str, torch.Tensor] = {}
        for name in dataset.stored:
            array = getattr(dataset, name)
            require_whole(array)
            self._arrays[name] = torch.from_numpy(np.array(array)).to(device)

    def batch(self, indices: np.ndarray) -> Batch:
        """The samples at `indices`, in that order.

        Args:
            indices: (n,) int64 positions in the set.
        """
        index = moved(torch.from_numpy(np.array(indices, dtype=np.int64)), self._device)
        return self._dataset.assembled(index, lambda name: self._arrays[name][index])


def resident(dataset: Dataset, device: torch.device) -> ResidentData | None:
    """The set on a GPU, if it is small enough; None where it is not, and on other devices."""
    if device.type != "cuda":
        return None
    size = sum(getattr(dataset, name).nbytes for name in dataset.stored)
    free, _ = torch.cuda.mem_get_info(device)
    return ResidentData(dataset, device) if size * SHARE <= free else None
