"""Whether an attribute's score rises as the attribute is turned up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edgan.errors import UsageError

RESPONSE_PROTOCOL = "Spearman rank correlation of intensity and the classifier's score, mean over images"


def monotone_response(intensities: Sequence[float], scores: NDArray[np.float64]) -> float:
    """Whether a score rises with the intensity of the edit: Spearman's rank correlation, mean over images.

    Args:
        intensities: (K,), K at least 3, all different.
        scores: (K, N), the edited attribute's score of N images at each intensity.

    Returns:
        In [-1, 1]; 1 where every image's score rises at each step. An image whose score never changes counts as 0.

    Raises:
        UsageError: fewer than three intensities, two equal ones, or another number of rows.
    """
    from scipy.stats import rankdata

    levels = np.asarray(intensities, float)
    scores = np.asarray(scores, float)
    if len(levels) < 3 or len(np.unique(levels)) < len(levels) or scores.shape[0] != len(levels):
        raise UsageError(
            f"intensities must be at least 3 different values, with a row of scores for each (got {levels} and "
            f"scores of shape {scores.shape})."
        )
    level_ranks, ranks = rankdata(levels), rankdata(scores, axis=0)
    level_ranks = level_ranks - level_ranks.mean()
    ranks = ranks - ranks.mean(0)
    length = np.sqrt((level_ranks**2).sum() * (ranks**2).sum(0))
    return float(np.where(length > 0, level_ranks @ ranks / np.where(length > 0, length, 1), 0.0).mean())
