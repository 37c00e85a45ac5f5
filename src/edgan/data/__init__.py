"""Data sets: recognised by layout, decoded once, read as batches. See docs/data.md."""

from edgan.data.batch import Batch, from_uint8
from edgan.data.check import Report, check_folder
from edgan.data.dataset import SPLITS, Dataset
from edgan.data.decode import load_image
from edgan.data.inputs import images_in
from edgan.data.opening import open_dataset
from edgan.data.pictures import Pictures, read_pictures
from edgan.data.readers import KINDS
from edgan.data.sampler import batch_indices, order, rank_slice
from edgan.data.sources import load_source, sources_in

__all__ = [
    "KINDS",
    "SPLITS",
    "Batch",
    "Dataset",
    "Pictures",
    "Report",
    "batch_indices",
    "check_folder",
    "from_uint8",
    "images_in",
    "load_image",
    "load_source",
    "open_dataset",
    "order",
    "rank_slice",
    "read_pictures",
    "sources_in",
]
