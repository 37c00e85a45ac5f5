"""What CDNet's step costs at the paper's size, counted without computing it."""

from __future__ import annotations

import pytest
from benchmarks import cdnet


def test_one_forward_costs_at_most_520_gflop_for_64_images_and_less_with_kept_targets() -> None:
    ours, cached = cdnet.ours(cached=False), cdnet.ours(cached=True)
    assert ours <= 520e9
    assert cached < ours


def test_the_released_order_costs_997() -> None:
    assert cdnet.authors() == pytest.approx(997e9, rel=0.05)
