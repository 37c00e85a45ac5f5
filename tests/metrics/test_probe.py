"""Probes on representations that tell an attribute plainly, in no linear way, and not at all."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from edgan.errors import UsageError
from edgan.metrics import probe

COUNT = 2000


def draw(columns: int) -> torch.Tensor:
    return torch.randn(COUNT, columns, generator=torch.Generator().manual_seed(0))


def test_both_probes_read_what_is_linear() -> None:
    z = draw(4)
    has = (z[:, 1] > 0.5).numpy()
    assert probe(z, has, linear=True) > 0.98
    assert probe(z, has) > 0.98


def test_a_network_alone_reads_what_is_not_linear() -> None:
    z = draw(4)
    has = (z[:, 0] * z[:, 1] > 0).numpy()
    assert abs(probe(z, has, linear=True) - 0.5) < 0.1
    assert probe(z, has) > 0.9


def test_nothing_is_read_where_nothing_is_told() -> None:
    has = np.arange(COUNT) % 2 == 0
    assert abs(probe(draw(4), has) - 0.5) < 0.1
    assert abs(probe(draw(4), has, linear=True) - 0.5) < 0.1


def test_the_scale_of_an_entry_does_not_matter() -> None:
    z = draw(4)
    has = (z[:, 0] * z[:, 1] > 0).numpy()
    assert probe(z * torch.tensor([1.0, 1e-4, 1e3, 1.0]), has) == pytest.approx(probe(z, has), abs=0.05)


def test_too_few_of_a_kind_and_unequal_counts_are_refused() -> None:
    with pytest.raises(UsageError, match="5 of 2000 have it"):
        probe(draw(2), np.arange(COUNT) < 5)
    with pytest.raises(UsageError, match="2000 and 3"):
        probe(draw(2), np.array([True, False, True]))
