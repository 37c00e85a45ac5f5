"""How far an edit moves factors that are known numbers: readings with a known slope and a known noise."""

from __future__ import annotations

import numpy as np
import pytest

from edgan.errors import UsageError
from edgan.metrics import factors_moved, factors_seen

NAMES = ("well seen", "half seen", "hardly seen")
SLOPES = np.array([1.0, 0.5, 0.1])


def rng(seed: int) -> np.random.Generator:
    return np.random.default_rng(seed)


def readings(values: np.ndarray, seed: int, noise: float = 0.2) -> np.ndarray:
    """What a reader guesses that draws each factor towards the mean."""
    return SLOPES * values + noise * rng(seed).normal(size=values.shape)


def test_what_a_reader_sees_is_the_slope_of_its_guess() -> None:
    values = 7 + 3 * rng(0).normal(size=(4000, 3))
    np.testing.assert_allclose(factors_seen(readings(values, 1), values), SLOPES, atol=0.01)


def test_a_factor_that_never_differs_is_not_seen() -> None:
    assert factors_seen(rng(0).normal(size=(10, 1)), np.ones((10, 1))).tolist() == [0.0]


def test_a_movement_is_told_in_the_factors_unit_and_only_of_what_shows() -> None:
    values = rng(0).normal(size=(2000, 3))
    moved = np.array([1.0, -0.4, 2.0])
    movement = factors_moved(NAMES, readings(values, 1), readings(values + moved, 2), SLOPES)
    assert movement.names == NAMES[:2]
    assert movement.of("well seen") == pytest.approx(1.0, abs=0.03)
    assert movement.of("half seen") == pytest.approx(-0.4, abs=0.06)
    with pytest.raises(UsageError, match="hardly seen is not visible"):
        movement.of("hardly seen")


def test_the_interval_of_a_movement_holds_the_truth_as_often_as_it_says() -> None:
    values, held = np.zeros((50, 3)), []
    for trial in range(200):
        movement = factors_moved(NAMES, readings(values, 2 * trial), readings(values + 1.0, 2 * trial + 1), SLOPES)
        held.append(np.abs(movement.mean - 1.0) < movement.noise)
    assert 0.9 < np.mean(held) < 0.98


def test_one_image_has_no_interval() -> None:
    with pytest.raises(UsageError, match="at least 2 images"):
        factors_moved(NAMES, np.zeros((1, 3)), np.ones((1, 3)), SLOPES)
