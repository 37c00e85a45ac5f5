"""Dependence and its test, on draws that are and are not independent (test_dcor.py holds it against dcor)."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from edgan.errors import UsageError
from edgan.metrics import dependence


def draw(seed: int, *shape: int) -> Tensor:
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def test_shrinking_the_latent_makes_it_no_less_dependent() -> None:
    y = draw(0, 50, 2)
    z = draw(1, 50, 3) + y[:, :1]
    assert dependence(y, 1e-3 * z).covariance == pytest.approx(dependence(y, z).covariance)


def test_the_test_sees_a_dependence_without_correlation_and_none_between_independent_draws() -> None:
    y = draw(0, 100, 1)
    assert dependence(y, y.square()).p == pytest.approx(1 / 200)
    p = [dependence(draw(seed, 40, 2), draw(seed + 100, 40, 3), seed=seed).p for seed in range(20)]
    assert sum(value <= 0.05 for value in p) <= 4
    assert max(p) > 0.5


def test_an_entry_that_never_varies_counts_for_nothing() -> None:
    y, z = draw(0, 30, 2), draw(1, 30, 2)
    more = torch.cat([z, torch.full((30, 1), 7.0)], 1)
    assert dependence(y, more).covariance == pytest.approx(dependence(y, z).covariance)


def test_too_few_samples_are_refused() -> None:
    with pytest.raises(UsageError, match="at least 4"):
        dependence(draw(0, 3, 1), draw(1, 3, 1))
