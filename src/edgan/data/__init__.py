"""Data sets: recognised by layout, decoded once, read as batches. See docs/data.md."""

from edgan.data.batch import Batch, from_uint8
from edgan.data.dataset import PARTS, Dataset
from edgan.data.opening import open_dataset
from edgan.data.sampler import batch_indices, order, part_of_rank

__all__ = ["PARTS", "Batch", "Dataset", "batch_indices", "from_uint8", "open_dataset", "order", "part_of_rank"]
