"""Whether redrawn pictures keep the attributes of their originals."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from edgan.errors import UsageError


def attributes_kept(before: NDArray[np.float64], after: NDArray[np.float64]) -> float:
    """Whether redrawn pictures show the attributes that their originals show.

    Args:
        before, after: (N, A) a reader's scores of the originals and of the redrawn pictures; above 0 is present.

    Returns:
        The share of pictures read as their originals are: the mean of the share among originals read as with the
        attribute and that among those read as without, mean over attributes. 1 at best, .5 where the pictures reveal
        nothing. An attribute that no original or every original shows is left out.

    Raises:
        UsageError: no attribute is left.
    """
    shown, kept = np.asarray(before) > 0, np.asarray(after) > 0
    shares = [
        0.5 * (same[has].mean() + same[~has].mean())
        for has, same in zip(shown.T, (shown == kept).T, strict=True)
        if has.any() and not has.all()
    ]
    if not shares:
        raise UsageError("Each attribute is present in all originals or in none, so nothing shows whether it was kept.")
    return float(np.mean(shares))
