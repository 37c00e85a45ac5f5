"""What CDNet's step costs at the paper's size, counted without computing it."""

from __future__ import annotations

import pytest

from benchmarks import cdnet


def test_one_forward_costs_at_most_520_gflop_for_64_images_and_half_as_much_as_three_fresh_ones() -> None:
    ours, authors = cdnet.ours(cached=False), cdnet.authors()
    assert ours <= 520e9
    assert cdnet.ours(cached=True) < ours
    assert authors == pytest.approx(949e9, rel=0.01)
    assert authors > 2 * ours
