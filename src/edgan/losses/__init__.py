"""Losses: pure functions from tensors to per-sample values. The plan takes the mean."""

from edgan.losses.adversarial import discrimination, minimax, non_saturating
from edgan.losses.divergence import kl_to_standard_normal
from edgan.losses.penalty import between, gradient_norm, wasserstein
from edgan.losses.reconstruction import l1, l2

__all__ = [
    "between",
    "discrimination",
    "gradient_norm",
    "kl_to_standard_normal",
    "l1",
    "l2",
    "minimax",
    "non_saturating",
    "wasserstein",
]
