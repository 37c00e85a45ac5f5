"""Axes choose round ticks within their limits and place values linearly or logarithmically."""

from __future__ import annotations

import math

import pytest

from edgan.report.axes import Axis, linear_axis, log_axis, log_ticks


def assert_sound(axis: Axis) -> None:
    """Ticks ascend, are different as text, and lie on the axis."""
    assert axis.low < axis.high
    assert len(axis.ticks) == len(axis.labels) == len(set(axis.labels)) >= 2
    places = [axis.position(tick) for tick in axis.ticks]
    assert places == sorted(set(places))
    assert places[0] >= -1e-6
    assert places[-1] <= 1 + 1e-6


@pytest.mark.parametrize(
    "values",
    [[0, 1], [-3.5, 12], [1e-4, 1.5e-4], [0.1, 0.3], [41, 6000], [7], [0], [-2e-9], [1e12, 3e12], [], [math.nan]],
)
def test_linear_ticks_are_few_and_within_the_limits(values: list[float]) -> None:
    axis = linear_axis(values)
    assert_sound(axis)
    assert len(axis.ticks) <= 9


@pytest.mark.parametrize("values", [[0, 3], [0, 17], [41, 6000], [1, 10_000_000], [-5, 5]])
def test_integer_ticks_are_whole_numbers(values: list[float]) -> None:
    axis = linear_axis(values, integer=True)
    assert_sound(axis)
    assert all(float(tick).is_integer() for tick in axis.ticks)


def test_limits_that_are_given_are_kept() -> None:
    axis = linear_axis([-5, 5], limits=(0.0, 1.0))
    assert (axis.low, axis.high) == (0.0, 1.0)
    assert axis.labels == ("0.00", "0.25", "0.50", "0.75", "1.00")
    assert axis.position(-1.0) == -1.0
    assert axis.position(0.75) == 0.75


def test_labels_have_the_digits_that_the_step_needs() -> None:
    assert linear_axis([], limits=(0, 6000), integer=True).labels == ("0", "2,000", "4,000", "6,000")
    assert linear_axis([], limits=(-1, 1)).labels == ("−1.0", "−0.5", "0.0", "0.5", "1.0")
    assert linear_axis([], limits=(0, 4e-6)).labels == ("0", "1e−06", "2e−06", "3e−06", "4e−06")


def test_a_constant_lies_in_the_middle() -> None:
    assert linear_axis([3.0, 3.0]).position(3.0) == pytest.approx(0.5)
    assert linear_axis([0.0]).position(0.0) == pytest.approx(0.5)


@pytest.mark.parametrize(
    ("low", "high", "ticks"),
    [
        (0.3, 11, [0.2, 0.5, 1, 2, 5, 10, 20]),
        (0.0034, 31, [0.001, 0.01, 0.1, 1, 10, 100]),
        (1, 1, [1, 2]),
        (1e-12, 9e-12, [1e-12, 2e-12, 5e-12, 1e-11]),
    ],
)
def test_log_ticks_enclose_the_range(low: float, high: float, ticks: list[float]) -> None:
    assert log_ticks(low, high) == pytest.approx(ticks)


@pytest.mark.parametrize("values", [[0.3, 11], [1e-12, 1e6], [2.0], [0.0, -1.0], [], [math.nan, 5.0]])
@pytest.mark.parametrize("to_ticks", [True, False])
def test_log_axes_are_sound(values: list[float], to_ticks: bool) -> None:
    axis = log_axis(values, to_ticks=to_ticks)
    if to_ticks:
        assert_sound(axis)
    assert 1 <= len(axis.ticks) <= 7
    assert all(0 <= axis.position(value) <= 1 for value in values if value > 0)


def test_a_log_axis_places_decades_evenly_and_has_no_place_for_zero() -> None:
    axis = log_axis([0.1, 1000])
    assert [axis.position(value) for value in (0.1, 1, 10, 1000)] == pytest.approx([0, 0.25, 0.5, 1])
    assert math.isnan(axis.position(0.0))
    assert math.isnan(axis.position(-1.0))


def test_a_log_axis_can_show_zero_a_decade_below() -> None:
    axis = log_axis([0.0, 0.1, 1000], zero=True)
    assert [axis.position(value) for value in (0.0, 0.1, 1000)] == pytest.approx([0, 0.2, 1])
    assert axis.labels[:2] == ("0", "0.1")


def test_what_is_not_finite_has_no_place() -> None:
    for axis in (linear_axis([0, 1]), log_axis([1, 10])):
        assert math.isnan(axis.position(math.nan))
        assert math.isnan(axis.position(math.inf))
