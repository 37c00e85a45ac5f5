"""Divergences of a latent's posterior from its prior or from another posterior."""

from __future__ import annotations

from torch import Tensor


def kl_to_standard_normal(mean: Tensor, log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(0, I)), summed over the latent.

    Args:
        mean: (N, Z).
        log_variance: (N, Z).

    Returns:
        (N,), in nats. Source: Kingma and Welling 2014, appendix B.
    """
    return 0.5 * (mean.square() + log_variance.exp() - 1.0 - log_variance).flatten(1).sum(1)


def kl_between(mean: Tensor, log_variance: Tensor, other_mean: Tensor, other_log_variance: Tensor) -> Tensor:
    """KL(N(mean, variance) || N(other mean, other variance)), summed over the latent.

    Args:
        mean, log_variance, other_mean, other_log_variance: (N, Z, ...).

    Returns:
        (N,), in nats. Source: Paper 5 (UU-Nets), Eq. 5.
    """
    apart = log_variance.exp() + (mean - other_mean).square()
    return 0.5 * (other_log_variance - log_variance + apart / other_log_variance.exp() - 1.0).flatten(1).sum(1)
