"""Distance covariance and dependence against the package dcor."""

from __future__ import annotations

import importlib
from typing import Any

import pytest
import torch
from torch import Tensor

import edgan
from edgan.metrics import dependence


@pytest.fixture(scope="module")
def dcor() -> Any:
    """The package, imported where it is used.

    numba, by which it computes, sets the number of OpenMP threads of the whole process when it is imported. It compiles
    nothing here: that takes 20 s in a new environment, and these tests call nothing that needs it. Its guvectorize
    compiles whatever the variable says, so it is replaced too.
    """
    threads = torch.get_num_threads()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("NUMBA_DISABLE_JIT", "1")
        patched.setattr("numba.guvectorize", lambda *_args, **_options: lambda function: function)
        package = importlib.import_module("dcor")
    torch.set_num_threads(threads)
    return package


def draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def dependent(count: int, seed: int = 0) -> tuple[Tensor, Tensor]:
    """y (N, 3) in [0, 1] and z (N, 5), which knows a part of it."""
    y = draw(seed, count, 3).sigmoid()
    return y, draw(seed + 1, count, 5) + 3 * y[:, :1] ** 2


@pytest.mark.parametrize("count", [2, 3, 5, 16, 25, 26, 64, 128, 333, 512])
def test_distance_covariance_is_dcors(dcor: Any, count: int) -> None:
    y, z = dependent(count)
    expected = dcor.distance_covariance_sqr(y.numpy(), z.numpy(), method="naive")
    assert edgan.losses.distance_covariance(y, z).item() == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize("count", [4, 5, 16, 100, 512])
def test_the_unbiased_distance_covariance_is_dcors(dcor: Any, count: int) -> None:
    y, z = dependent(count)
    expected = dcor.u_distance_covariance_sqr(y.numpy(), z.numpy(), method="naive")
    assert edgan.losses.distance_covariance(y, z, unbiased=True).item() == pytest.approx(expected, rel=1e-6)


def test_distance_covariance_of_single_variables_is_dcors(dcor: Any) -> None:
    y, z = dependent(40)
    expected = dcor.distance_covariance_sqr(y[:, 0].numpy(), z[:, 0].numpy(), method="naive")
    assert edgan.losses.distance_covariance(y[:, 0], z[:, 0]).item() == pytest.approx(expected, rel=1e-6)


def test_distance_covariance_keeps_its_digits_where_rows_are_close(dcor: Any) -> None:
    """|a|^2 + |b|^2 - 2ab would lose them: rows far from 0 and near each other."""
    y, z = dependent(64)
    near = 1e4 + 1e-3 * z
    expected = dcor.distance_covariance_sqr(y.numpy(), near.numpy(), method="naive")
    assert edgan.losses.distance_covariance(y, near).item() == pytest.approx(expected, rel=1e-6)


def test_covariance_and_correlation_are_dcors_of_a_z_with_variance_1(dcor: Any) -> None:
    y = draw(0, 60, 3).sigmoid()
    z = 5 * draw(1, 60, 4) + 9 * y[:, :1]
    measured = dependence(y, z, permutations=9)
    scaled = ((z - z.mean(0)) / z.std(0, correction=0)).numpy()
    assert measured.covariance == pytest.approx(dcor.distance_covariance_sqr(y.numpy(), scaled, method="naive"))
    assert measured.limit == pytest.approx(dcor.u_distance_covariance_sqr(y.numpy(), scaled, method="naive"))
    assert measured.correlation == pytest.approx(dcor.distance_correlation_sqr(y.numpy(), scaled, method="naive"))


def test_its_p_is_that_of_dcors_permutation_test(dcor: Any) -> None:
    y = draw(0, 40, 1)
    z = draw(1, 40, 1) + 0.4 * y
    scaled = ((z - z.mean(0)) / z.std(0, correction=0)).numpy()
    expected = dcor.independence.distance_covariance_test(y.numpy(), scaled, num_resamples=999, random_state=0)
    assert dependence(y, z, permutations=999).p == pytest.approx(expected.pvalue, abs=0.03)
