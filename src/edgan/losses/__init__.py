"""Losses: pure functions from tensors to per-sample values, or to a scalar if only the whole batch has one."""

from edgan.losses.adversarial import (
    critic_loss,
    critic_score,
    discrimination,
    fake_nll,
    hinge_discrimination,
    hinge_real,
    least_squares,
    least_squares_discrimination,
    minimax,
    non_saturating,
    real_nll,
)
from edgan.losses.classification import balanced_multilabel, known_multilabel, multiclass, multilabel
from edgan.losses.decorrelation import cross_covariance, distance_covariance
from edgan.losses.divergence import kl_between, kl_to_standard_normal
from edgan.losses.penalty import interpolate, r1_penalty, wgan_gp_penalty
from edgan.losses.perceptual import perceptual
from edgan.losses.reconstruction import l1, l2

__all__ = [
    "balanced_multilabel",
    "critic_loss",
    "critic_score",
    "cross_covariance",
    "discrimination",
    "distance_covariance",
    "fake_nll",
    "hinge_discrimination",
    "hinge_real",
    "interpolate",
    "kl_between",
    "kl_to_standard_normal",
    "known_multilabel",
    "l1",
    "l2",
    "least_squares",
    "least_squares_discrimination",
    "minimax",
    "multiclass",
    "multilabel",
    "non_saturating",
    "perceptual",
    "r1_penalty",
    "real_nll",
    "wgan_gp_penalty",
]
