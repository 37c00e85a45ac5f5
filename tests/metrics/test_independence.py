"""Dependence against the package dcor, and its test on draws that are and are not independent."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics import dependence

# numba, by which dcor computes, sets the number of OpenMP threads of the whole process when it is imported.
threads = torch.get_num_threads()
import dcor  # noqa: E402

torch.set_num_threads(threads)


def draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_covariance_and_correlation_are_dcors_of_a_z_with_variance_1() -> None:
    y = draw(0, 60, 3).sigmoid()
    z = 5 * draw(1, 60, 4) + 9 * y[:, :1]
    found = dependence(y, z, permutations=9)
    scaled = ((z - z.mean(0)) / z.std(0, correction=0)).numpy()
    assert found.covariance == pytest.approx(dcor.distance_covariance_sqr(y.numpy(), scaled, method="naive"))
    assert found.limit == pytest.approx(dcor.u_distance_covariance_sqr(y.numpy(), scaled, method="naive"))
    assert found.correlation == pytest.approx(dcor.distance_correlation_sqr(y.numpy(), scaled, method="naive"))


def test_its_p_is_that_of_dcors_permutation_test() -> None:
    y = draw(0, 40, 1)
    z = draw(1, 40, 1) + 0.4 * y
    scaled = ((z - z.mean(0)) / z.std(0, correction=0)).numpy()
    expected = dcor.independence.distance_covariance_test(y.numpy(), scaled, num_resamples=999, random_state=0)
    assert dependence(y, z, permutations=999).p == pytest.approx(expected.pvalue, abs=0.03)


def test_shrinking_the_latent_makes_it_no_less_dependent() -> None:
    y = draw(0, 50, 2)
    z = draw(1, 50, 3) + y[:, :1]
    assert dependence(y, 1e-3 * z).covariance == pytest.approx(dependence(y, z).covariance)


def test_the_test_sees_a_dependence_without_correlation_and_none_between_independent_draws() -> None:
    y = draw(0, 100, 1)
    assert dependence(y, y.square()).p == pytest.approx(1 / 200)
    p = [dependence(draw(seed, 40, 2), draw(seed + 100, 40, 3), seed=seed).p for seed in range(20)]
    assert sum(one <= 0.05 for one in p) <= 4
    assert max(p) > 0.5


def test_an_entry_that_never_varies_counts_for_nothing() -> None:
    y, z = draw(0, 30, 2), draw(1, 30, 2)
    more = torch.cat([z, torch.full((30, 1), 7.0)], 1)
    assert dependence(y, more).covariance == pytest.approx(dependence(y, z).covariance)


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(UsageError, match="four or more"):
        dependence(draw(0, 3, 1), draw(1, 3, 1))
