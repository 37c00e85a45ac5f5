"""The training image that is nearest to a picture: a look at whether a model copies."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from edgan.data import Dataset
from edgan.errors import EdganError
from edgan.models.pixels import to_uint8

CHUNK_BYTES = 2**26
LIMIT = 20_000
"""Maximum training images that are compared; the first ones of the split."""


def nearest_training_image(dataset: Dataset, picture: Tensor) -> tuple[int, float, int]:
    """The training image with the smallest mean squared difference of pixels.

    Args:
        dataset: that the model was trained on.
        picture: (1, C, H, W) in [-1, 1], of the data set's size and channels.

    Returns:
        Its position in the training split; the root of the mean squared difference, in grey values of 255; the number
        of images that were compared.

    Raises:
        EdganError: the set has no training images.
    """
    where = dataset.indices("train")[:LIMIT]
    if len(where) == 0:
        raise EdganError(f"{dataset.path} has no training images.")
    sought = to_uint8(picture)[0].numpy().astype(np.float32)
    step = max(1, CHUNK_BYTES // (4 * sought.size))
    errors = np.concatenate(
        [
            ((dataset.images[where[start : start + step]] - sought) ** 2).mean((1, 2, 3))
            for start in range(0, len(where), step)
        ]
    )
    best = int(errors.argmin())
    return best, float(np.sqrt(errors[best])), len(where)
