"""Whether a redrawn picture is recognised: whether its own original is the real picture nearest to it."""

from __future__ import annotations

from dataclasses import dataclass

import torch.nn.functional as F
from torch import Tensor

from edgan.errors import UsageError
from edgan.nets.precision import widened

RECOGNITION_PROTOCOL = (
    "recognition: share of redrawn pictures whose nearest of all real ones is their own original, by the cosine of "
    "features of a network trained without labels, on the training split, to know a photo again in another view"
)


@dataclass(frozen=True)
class Recognition:
    """How often redrawn pictures are recognised.

    Attributes:
        known: share of pictures whose nearest real picture is the original; 1 / N by chance.
        ahead: mean share of the other real pictures that are farther than the original; .5 by chance.
    """

    known: float
    ahead: float


def recognition(made: Tensor, real: Tensor) -> Recognition:
    """Search for the original of each picture among all real ones.

    Args:
        made, real: (N, D) features, row by row of a redrawn picture and of its original; N at least 2.

    Raises:
        UsageError: the shapes differ, or there are fewer than two rows.
    """
    if made.shape != real.shape or made.dim() != 2 or len(real) < 2:
        raise UsageError(
            "Features of redrawn pictures and of their originals must have the same shape (N, D) with N at least 2 "
            f"(got {tuple(made.shape)} and {tuple(real.shape)})."
        )
    alike = F.normalize(widened(made), dim=1) @ F.normalize(widened(real), dim=1).T
    own = alike.diagonal()[:, None]
    # Where features coincide, nothing is recognised: only the original's own column may be as near.
    nearer, as_near = (alike > own).sum(1), (alike == own).sum(1) - 1
    farther = len(real) - 1 - nearer - 0.5 * as_near
    return Recognition(
        known=float(((nearer == 0) & (as_near == 0)).float().mean()),
        ahead=float((farther / (len(real) - 1)).mean()),
    )
