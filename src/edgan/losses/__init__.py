"""Losses: pure functions from tensors to per-sample values, or to a scalar where only the batch has one."""

from edgan.losses.adversarial import (
    critic_loss,
    discrimination,
    judgement,
    least_squares,
    least_squares_discrimination,
    minimax,
    non_saturating,
    surprise,
)
from edgan.losses.classification import balanced_multilabel, multiclass, multilabel
from edgan.losses.decorrelation import cross_covariance, distance_covariance
from edgan.losses.divergence import kl_between, kl_to_standard_normal
from edgan.losses.penalty import between, gradient_norm, wasserstein
from edgan.losses.reconstruction import l1, l2

__all__ = [
    "balanced_multilabel",
    "between",
    "critic_loss",
    "cross_covariance",
    "discrimination",
    "distance_covariance",
    "gradient_norm",
    "judgement",
    "kl_between",
    "kl_to_standard_normal",
    "l1",
    "l2",
    "least_squares",
    "least_squares_discrimination",
    "minimax",
    "multiclass",
    "multilabel",
    "non_saturating",
    "surprise",
    "wasserstein",
]
