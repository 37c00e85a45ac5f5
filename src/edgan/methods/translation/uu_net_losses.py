"""The KL terms of UU-Net's codes: sums over the components of a code, in nats (Eq. 3, 5 and 6)."""

from __future__ import annotations

from torch import Tensor

from edgan.losses import kl_between, kl_to_standard_normal
from edgan.methods.common.posterior import posterior_log_variance, posterior_mean
from edgan.nets.uu_net import Maps


def discriminator_kl(alpha: float, beta: float, real: Maps, fake: Maps) -> Tensor:
    """Eq. 6: the KL of D's code from N(0, 1), at real and at fake pictures in the ratio of alpha to beta; (N,).

    Args:
        alpha, beta: shares of real and of fake pictures, not both 0.
        real, fake: D's outputs: its logits and the posterior of its code (N, 2 Z, s, s).
    """
    at_real, at_fake = (kl_to_standard_normal(posterior_mean(d[1]), posterior_log_variance(d[1])) for d in (real, fake))
    return (alpha * at_real + beta * at_fake) / (alpha + beta)


def cross_kl(alpha: float, beta: float, real: Maps, fake: Maps, mean: Tensor, log_variance: Tensor) -> Tensor:
    """Eq. 5: the KL of D's posterior from G's, at real and at fake pictures in the ratio of alpha to beta; (N,).

    Args:
        alpha, beta, real, fake: as in `discriminator_kl`.
        mean, log_variance: of G's posterior, (N, Z, s, s) each.
    """
    at_real, at_fake = (
        kl_between(posterior_mean(d[1]), posterior_log_variance(d[1]), mean, log_variance) for d in (real, fake)
    )
    return (alpha * at_real + beta * at_fake) / (alpha + beta)
