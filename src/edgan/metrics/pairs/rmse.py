"""Root mean squared error."""

from __future__ import annotations

from functools import partial

from torch import Tensor

from edgan.metrics.metric import PairMetric
from edgan.metrics.pairs.image_pairs import Reduction, check_pairs, mean_square, reduce

RMSE_PROTOCOL = "RMSE in units of the [-1, 1] scale (data range 2); per image over all channels; mean over images"


def rmse(a: Tensor, b: Tensor, *, reduction: Reduction = "mean") -> Tensor:
    """Root mean squared error of each image, on the [-1, 1] scale (0 to 2).

    Args, returns and raises as `psnr`.
    """
    a, b = check_pairs(a, b)
    return reduce(mean_square(a - b).sqrt(), reduction)


METRIC = PairMetric(
    name="rmse", title="RMSE", better="lower", protocol=RMSE_PROTOCOL, measure=partial(rmse, reduction="none")
)
