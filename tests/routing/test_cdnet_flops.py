"""What CDNet's step costs at the paper's size, counted without computing it."""

from __future__ import annotations

import pytest

from benchmarks import cdnet


def test_one_forward_costs_at_most_520_gflop_for_64_images_and_less_with_kept_targets() -> None:
    ours, cached = cdnet.ours(cached=False), cdnet.ours(cached=True)
    assert ours <= 520e9
    assert cached < ours


def test_three_fresh_forwards_cost_twice_as_much() -> None:
    assert cdnet.authors() == pytest.approx(949e9, rel=0.01)
    assert cdnet.authors() > 2 * cdnet.ours(cached=False)
