"""Distance covariance against its own definition (test_dcor.py: against dcor); cross-covariance against numpy."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from torch import Tensor

import edgan


def draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def dependent(count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """y (N, 3) in [0, 1] and z (N, 5), which knows a part of it."""
    y = draw(seed, count, 3).sigmoid()
    return y, draw(seed + 1, count, 5) + 3 * y[:, :1] ** 2


def test_independent_samples_have_an_unbiased_distance_covariance_of_zero_on_average() -> None:
    pairs = [(draw(2 * i, 12, 3), draw(2 * i + 1, 12, 5)) for i in range(300)]
    plain = torch.stack([edgan.losses.distance_covariance(y, z) for y, z in pairs])
    unbiased = torch.stack([edgan.losses.distance_covariance(y, z, unbiased=True) for y, z in pairs])
    error = unbiased.std() / len(pairs) ** 0.5
    assert unbiased.mean().abs() < 4 * error
    assert plain.mean() > 40 * error


def test_the_gradient_of_the_unbiased_distance_covariance_is_right() -> None:
    y, z = dependent(6)
    z[4] = z[3]

    def loss(y: Tensor, z: Tensor) -> Tensor:
        return edgan.losses.distance_covariance(y, z, unbiased=True)

    assert torch.autograd.gradcheck(loss, (y.requires_grad_(), z.requires_grad_()))


def test_the_unbiased_distance_covariance_needs_four_samples() -> None:
    with pytest.raises(ValueError, match="needs at least 4 samples"):
        edgan.losses.distance_covariance(torch.zeros(3, 2), torch.zeros(3, 2), unbiased=True)


def test_distance_covariance_is_that_of_both_matrices_centred() -> None:
    """Eq. 1 to the letter."""
    y, z = dependent(7)
    centred = []
    for values in (y, z):
        d = (values[:, None] - values[None]).square().sum(2).sqrt()
        centred.append(d - d.mean(0, keepdim=True) - d.mean(1, keepdim=True) + d.mean())
    torch.testing.assert_close(edgan.losses.distance_covariance(y, z), (centred[0] * centred[1]).mean())


def test_the_gradient_of_distance_covariance_is_right_and_stable_where_rows_coincide() -> None:
    y, z = dependent(6)
    y[1], z[1] = y[0], z[0]
    z[4] = z[3]
    y, z = y.requires_grad_(), z.requires_grad_()
    assert torch.autograd.gradcheck(edgan.losses.distance_covariance, (y, z))
    gradients = torch.autograd.grad(edgan.losses.distance_covariance(y, z), (y, z))
    assert all(torch.isfinite(gradient).all() for gradient in gradients)


def test_a_batch_of_equal_rows_has_no_covariance_and_no_gradient() -> None:
    y, z = torch.zeros(4, 3, requires_grad=True), torch.ones(4, 2, requires_grad=True)
    value = edgan.losses.distance_covariance(y, z)
    assert value.item() == 0
    assert all(not gradient.any() for gradient in torch.autograd.grad(value, (y, z)))


def test_distance_covariance_sees_a_dependence_that_cross_covariance_does_not() -> None:
    """z = y^2 of a symmetric y: uncorrelated and not independent (Section III-A2)."""
    y = torch.linspace(-1, 1, 201, dtype=torch.float64)[:, None]
    assert edgan.losses.cross_covariance(y, y**2).item() < 1e-20
    assert edgan.losses.distance_covariance(y, y**2).item() > 1e-2


def test_cross_covariance_is_half_the_sum_of_squares_of_numpys() -> None:
    y, z = dependent(9)
    covariance = np.cov(np.hstack([y, z]).T, bias=True)[:3, 3:]
    assert edgan.losses.cross_covariance(y, z).item() == pytest.approx((covariance**2).sum() / 2, rel=1e-12)


def test_the_gradient_of_cross_covariance_is_right() -> None:
    y, z = dependent(6)
    assert torch.autograd.gradcheck(edgan.losses.cross_covariance, (y.requires_grad_(), z.requires_grad_()))


@pytest.mark.parametrize("loss", [edgan.losses.distance_covariance, edgan.losses.cross_covariance])
def test_half_precision_is_computed_in_float32(loss) -> None:
    y, z = dependent(32)
    half = loss(y.bfloat16(), z.bfloat16())
    assert half.dtype == torch.float32
    assert half.item() == pytest.approx(loss(y, z).item(), rel=0.02)


@pytest.mark.parametrize("loss", [edgan.losses.distance_covariance, edgan.losses.cross_covariance])
def test_samples_of_different_numbers_are_refused(loss) -> None:
    with pytest.raises(ValueError, match="got 3 and 4 rows"):
        loss(torch.zeros(3, 2), torch.zeros(4, 2))


def test_independent_samples_have_an_unbiased_cross_covariance_of_zero_on_average() -> None:
    torch.manual_seed(1)
    pairs = [(torch.randn(8, 2), torch.randn(8, 20)) for _ in range(400)]
    unbiased = torch.stack([edgan.losses.cross_covariance(y, z, unbiased=True) for y, z in pairs])
    biased = torch.stack([edgan.losses.cross_covariance(y, z) for y, z in pairs])
    error = unbiased.std() / len(pairs) ** 0.5
    assert unbiased.mean().abs() < 4 * error
    assert biased.mean() > 20 * error


def test_the_unbiased_cross_covariance_is_the_covariances_own_on_average() -> None:
    torch.manual_seed(2)
    values = []
    for _ in range(2000):
        y = torch.randn(8, 2)
        z = torch.cat([0.5 * y[:, :1] + torch.randn(8, 1), torch.randn(8, 3)], 1)
        values.append(edgan.losses.cross_covariance(y + 3, z - 2, unbiased=True))
    estimates = torch.stack(values)
    assert abs(float(estimates.mean()) - 0.5 * 0.5**2) < 4 * float(estimates.std()) / len(values) ** 0.5


def test_the_unbiased_cross_covariance_of_many_samples_is_the_biased_one() -> None:
    y, z = torch.randn(2000, 2), torch.randn(2000, 3)
    z[:, 0] += y[:, 0]
    biased, unbiased = (edgan.losses.cross_covariance(y, z, unbiased=option) for option in (False, True))
    torch.testing.assert_close(unbiased, biased, rtol=0.02, atol=0)


def test_the_unbiased_cross_covariance_needs_four_samples() -> None:
    with pytest.raises(ValueError, match="at least 4 samples"):
        edgan.losses.cross_covariance(torch.zeros(3, 2), torch.zeros(3, 2), unbiased=True)
