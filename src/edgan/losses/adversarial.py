"""The two sides of the game. Discriminators give logits: large means real."""

from __future__ import annotations

import torch.nn.functional as F
from torch import Tensor


def non_saturating(fake_logits: Tensor) -> Tensor:
    """The generator's side: -log D(fake).

    Args:
        fake_logits: (N, ...), the discriminator's logits of generated images.

    Returns:
        (N,). Source: Goodfellow et al. 2014; the form that Paper 1's released code uses for its Eq. 8.
    """
    return F.softplus(-fake_logits).flatten(1).mean(1) if fake_logits.dim() > 1 else F.softplus(-fake_logits)


def minimax(fake_logits: Tensor) -> Tensor:
    """The generator's side as the original game has it: log(1 - D(fake)), which saturates where D wins.

    Args:
        fake_logits: (N, ...).

    Returns:
        (N,). Source: Goodfellow et al. 2014, Eq. 1.
    """
    return -non_saturating(-fake_logits)


def discrimination(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The discriminator's side: binary cross-entropy of real as 1 and fake as 0, not halved.

    Args:
        real_logits: (N, ...).
        fake_logits: (N, ...).

    Returns:
        (N,). Source: Paper 1, Eq. 7 (which writes the labels the other way round).
    """
    return non_saturating(real_logits) + non_saturating(-fake_logits)
