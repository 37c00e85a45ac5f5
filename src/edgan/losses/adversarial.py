"""The two sides of the adversarial game. Discriminators return logits; large means real."""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor


def non_saturating(fake_logits: Tensor) -> Tensor:
    """The generator's loss: -log D(fake).

    Args:
        fake_logits: (N, ...), the discriminator's logits for generated images.

    Returns:
        (N,). Source: Goodfellow et al. 2014; the form that Paper 1's released code uses for its Eq. 8.
    """
    return _mean(F.softplus(-fake_logits))


def minimax(fake_logits: Tensor, floor: float = 0.0) -> Tensor:
    """The generator's loss of the original minimax game: log(1 - D(fake)). It saturates where D wins.

    Args:
        fake_logits: (N, ...).
        floor: added inside the logarithm, log(1 - D(fake) + floor); CDNet's released code has 1e-3.

    Returns:
        (N,). Source: Goodfellow et al. 2014, Eq. 1.
    """
    return -fake_nll(fake_logits, floor)


def real_nll(logits: Tensor, floor: float = 0.0) -> Tensor:
    """-log(D + floor): the negative log-likelihood of the label "real".

    Args:
        logits: (N, ...), the discriminator's logits.
        floor: 0, or a small number that bounds the loss, and its slope where D is confident and wrong.

    Returns:
        (N,). Source: Paper 2 (CDNet), Eq. 7; the floor (1e-3) is its released code's.
    """
    if floor == 0.0:
        return non_saturating(logits)
    values = -(torch.sigmoid(logits) + floor).log()
    return _mean(values)


def fake_nll(logits: Tensor, floor: float = 0.0) -> Tensor:
    """-log(1 - D + floor): the negative log-likelihood of the label "fake".

    Args:
        logits: (N, ...), the discriminator's logits.
        floor: as for `real_nll`.

    Returns:
        (N,). Source: Paper 2 (CDNet), Eq. 7.
    """
    return real_nll(-logits, floor)


def critic_score(logits: Tensor) -> Tensor:
    """-D: a critic's loss on real images and the generator's on fake ones. A critic's on fake ones takes `-logits`.

    Args:
        logits: (N, ...), unbounded.

    Returns:
        (N,). Source: Gulrajani et al. 2017, Eq. 1 and 3 (WGAN).
    """
    return -_mean(logits)


def discrimination(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The discriminator's loss: binary cross-entropy with real as 1 and fake as 0, not halved.

    Args:
        real_logits: (N, ...).
        fake_logits: (N, ...).

    Returns:
        (N,). Source: Paper 1, Eq. 7 (which has the labels the other way round).
    """
    return non_saturating(real_logits) + non_saturating(-fake_logits)


def least_squares(fake_logits: Tensor) -> Tensor:
    """The generator's loss of the least-squares game: half the squared distance of D(fake) from 1.

    Args:
        fake_logits: (N, ...), D's unbounded scores of generated images.

    Returns:
        (N,). Source: Mao et al. 2017, Eq. 9.
    """
    return 0.5 * _mean((fake_logits - 1.0).square())


def least_squares_discrimination(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """D's loss of the least-squares game: half the squared distances of D(real) from 1 and of D(fake) from 0.

    Args:
        real_logits: (N, ...).
        fake_logits: (N, ...).

    Returns:
        (N,). Source: Mao et al. 2017, Eq. 9.
    """
    return least_squares(real_logits) + least_squares(fake_logits + 1.0)


def critic_loss(real_scores: Tensor, fake_scores: Tensor) -> Tensor:
    """The critic's loss: minus its estimate of the Wasserstein distance, D(fake) - D(real).

    Args:
        real_scores: (N, ...).
        fake_scores: (N, ...).

    Returns:
        (N,). Source: Gulrajani et al. 2017, Eq. 3, first two terms.
    """
    return critic_score(real_scores) + critic_score(-fake_scores)


def hinge_discrimination(real_logits: Tensor, fake_logits: Tensor) -> Tensor:
    """The discriminator's side of the hinge loss: max(0, 1 - D(real)) + max(0, 1 + D(fake)).

    The generator's side is `critic_score`.

    Args:
        real_logits: (N, ...).
        fake_logits: (N, ...).

    Returns:
        (N,). Source: Lim and Ye 2017, Eq. 3; Miyato et al. 2018, Eq. 16.
    """
    return hinge_real(real_logits) + hinge_real(-fake_logits)


def hinge_real(logits: Tensor) -> Tensor:
    """D's side of the hinge loss at real images: max(0, 1 - D). On fake ones it takes `-logits`. (N, ...) -> (N,)."""
    return _mean(F.relu(1.0 - logits))


def _mean(values: Tensor) -> Tensor:
    """(N, ...) -> (N,)."""
    return values.flatten(1).mean(1) if values.dim() > 1 else values
