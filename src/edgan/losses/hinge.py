"""The hinge loss of a discriminator (Lim and Ye 2017); the generator's side is `critic_score`."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def hinge_discrimination(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The discriminator's side: max(0, 1 - D(real)) + max(0, 1 + D(fake)), means over places.

    Args:
        real_logits: (N, ...).
        fake_logits: (N, ...).

    Returns:
        (N,). Source: Lim and Ye 2017, Eq. 3.
    """
    return F.relu(1.0 - real_logits).flatten(1).mean(1) + F.relu(1.0 + fake_logits).flatten(1).mean(1)
