"""Whether two representations of the same samples depend on each other: distance covariance, and a permutation test."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.losses import distance_covariance
from edgan.nets.precision import widened

PERMUTATIONS = 199
DEPENDENCE_PROTOCOL = (
    "dCov^2 (Toward a Controllable Disentanglement Network, Eq. 1) of y and of z with each entry at variance 1; its "
    "limit by the unbiased estimator; dCor^2 is dCov^2 over the root of the product of both distance variances; p by "
    f"{PERMUTATIONS} permutations of the samples of y"
)


@dataclass(frozen=True)
class Dependence:
    """How y and z depend on each other.

    Attributes:
        covariance: dCov^2, 0 or more.
        limit: its value for infinitely many samples, by the unbiased estimator: 0 on average for independent ones, and
            of either sign.
        correlation: dCor^2 in [0, 1].
        p: how often independent samples would give at least this covariance; small where y and z depend on each other.
    """

    covariance: float
    limit: float
    correlation: float
    p: float


def dependence(y: Tensor, z: Tensor, *, permutations: int = PERMUTATIONS, seed: int = 0) -> Dependence:
    """Distance covariance of two representations, and how unlikely it is under independence.

    Dependence does not depend on scale, so each entry of z is first scaled to variance 1; entries that do not vary stay
    at 0. y is used unchanged.

    Args:
        y: (N, A), N at least 4.
        z: (N, Z), of the same samples.
        permutations: number of random orders of y.
        seed: of the orders.

    Returns:
        See `Dependence`. p is (1 + orders with at least this covariance) / (1 + permutations). Source: Székely et al.
        2007, Section 4, with permutations in place of the limit.

    Raises:
        UsageError: fewer than four samples, or different numbers of them.
    """
    if len(y) != len(z) or len(y) < 4:
        raise UsageError(f"y and z must have the same length, at least 4 (got {len(y)} and {len(z)}).")
    y, z = widened(y), widened(z) - widened(z).mean(0)
    z = z / z.std(0, correction=0).clamp_min(1e-12)
    a, b = _centred(y), _centred(z)
    covariance = float(distance_covariance(y, z))
    scale = float((a.square().mean() * b.square().mean()).sqrt())
    generator = torch.Generator().manual_seed(seed)
    as_large = 0
    for _ in range(permutations):
        order = torch.randperm(len(y), generator=generator)
        as_large += int((a[order][:, order] * b).mean() >= covariance)
    return Dependence(
        covariance=covariance,
        limit=float(distance_covariance(y, z, unbiased=True)),
        correlation=covariance / scale if scale > 0 else 0.0,
        p=(1 + as_large) / (1 + permutations),
    )


def _centred(values: Tensor) -> Tensor:
    """The doubly centred distances of the rows, (N, N)."""
    a = torch.cdist(values, values, compute_mode="donot_use_mm_for_euclid_dist")
    return a - a.mean(0, keepdim=True) - a.mean(1, keepdim=True) + a.mean()
