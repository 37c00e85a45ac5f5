"""The matrix rate of a machine whose processor is taken by other programs."""

from __future__ import annotations

from edgan.api.machine import matrix_rate


def test_there_is_a_rate_although_the_time_was_over_before_the_first_product():
    assert matrix_rate(side=64, seconds=0.0) > 0
