"""Metrics of editing, on edits whose effect is known."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from edgan.errors import UsageError
from edgan.metrics import (
    attributes_kept,
    error_curve,
    identity_moved,
    leakage,
    monotone_response,
    train_svms,
    trained_reader,
)
from edgan.metrics.editing.attribute_reader import reading, train_reader
from edgan.synthetic import FACE_ATTRIBUTES, attributes_of, sample_face, with_attribute

rng = np.random.default_rng


def test_a_leakage_matrix_is_in_standard_deviations_of_real_scores() -> None:
    real = rng(0).normal(0, [1, 2, 4], (1000, 3))
    low = {"b": np.zeros((5, 3))}
    result = leakage(["a", "b", "c"], low, {"b": np.tile([0.1, 6.0, -2.0], (5, 1))}, real)
    np.testing.assert_allclose(result.matrix, [[0.1, 3.0, -0.5]], rtol=0.1)
    np.testing.assert_allclose(result.moved, [3.0], rtol=0.1)
    np.testing.assert_allclose(result.leaked, [0.3], rtol=0.1)
    np.testing.assert_allclose(result.ratio, [6.0], rtol=0.1)


def test_a_reader_that_does_not_score_the_edited_attribute_is_refused() -> None:
    scores = np.zeros((2, 2))
    with pytest.raises(UsageError, match="does not score hat"):
        leakage(["a", "b"], {"hat": scores}, {"hat": scores}, scores)


def test_a_response_is_1_where_every_image_follows_and_0_where_none_does() -> None:
    levels = [-2.0, 0.0, 1.0, 5.0]
    rising = np.array([[0, 1], [1, 5], [2, 6], [9, 7]])
    assert monotone_response(levels, rising) == pytest.approx(1)
    assert monotone_response(levels, -rising) == pytest.approx(-1)
    assert monotone_response(levels, np.ones((4, 3))) == 0
    assert monotone_response(levels, np.stack([rising[:, 0], np.ones(4)], 1)) == pytest.approx(0.5)


def test_a_response_is_spearmans_correlation() -> None:
    from scipy.stats import spearmanr

    levels, scores = np.arange(7.0), rng(1).normal(size=(7, 4))
    expected = np.mean([spearmanr(levels, column).statistic for column in scores.T])
    assert monotone_response(levels, scores) == pytest.approx(expected)


def test_an_identity_that_does_not_move_is_0_and_another_image_is_1() -> None:
    z = torch.tensor([[0.0, 0.0], [3.0, 4.0]])
    assert identity_moved(z, z) == 0
    assert identity_moved(z, z.flip(0)) == pytest.approx(1)


@pytest.mark.parametrize("name", FACE_ATTRIBUTES)
def test_a_drawn_face_is_edited_in_one_attribute(name: str) -> None:
    """Only what excludes it, or what it brings along, changes with it."""
    together = {
        "hair": {"Black_Hair", "Blond_Hair", "Brown_Hair", "Gray_Hair"},
        "beard": {"5_o_Clock_Shadow", "Goatee", "Mustache", "No_Beard"},
    }
    alone = next((group for group in together.values() if name in group), {name})
    allowed = alone | (together["beard"] if name == "Male" else set())
    for index in range(12):
        factors = sample_face(0, index)
        for holds in (True, False):
            before, after = attributes_of(factors), attributes_of(with_attribute(factors, name, holds))
            assert after[name] == holds
            assert {key for key in before if before[key] != after[key]} <= allowed


def test_turning_what_holds_already_changes_no_pixel() -> None:
    factors = sample_face(0, 1)
    name = next(key for key, value in attributes_of(factors).items() if value)
    assert with_attribute(factors, name, True) == factors


def lit(count: int, seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise, with a bright upper half where the first attribute holds and a bright left half where the second does."""
    has = rng(seed).random((count, 2)) < 0.5
    images = rng(seed + 1).integers(0, 120, (count, 16, 16, 1)).astype(np.float64)
    images[has[:, 0], :8] += 60
    images[has[:, 1], :, :8] += 60
    return images.clip(0, 255).astype(np.uint8), has


def test_a_trained_reader_tells_attributes_and_leaves_the_random_state() -> None:
    images, has = lit(300, 0)
    state = torch.random.get_rng_state()
    read = trained_reader(images, has.astype(np.float32), steps=60)
    assert torch.equal(torch.random.get_rng_state(), state)
    others, truth = lit(200, 7)
    scores = read(torch.from_numpy(others).permute(0, 3, 1, 2).float() / 127.5 - 1)
    assert ((scores.numpy() > 0)[:, 0] == truth[:, 0]).mean() > 0.9


def test_the_error_falls_as_the_attribute_is_turned_up() -> None:
    images, has = lit(400, 0)
    machines = train_svms(images, has[:, 0], count=3)
    others, truth = lit(200, 7)
    without = others[~truth[:, 0]].astype(np.float64)

    def edited(intensity: float) -> torch.Tensor:
        pictures = without.copy()
        pictures[:, :8] += 60 * intensity
        return torch.from_numpy(pictures / 127.5 - 1).permute(0, 3, 1, 2).float()

    curve = error_curve(machines, edited, (0.0, 0.5, 1.0, 2.0))
    assert curve.errors.shape == (3, 4)
    assert (np.diff(curve.mean) <= 0).all()
    assert curve.mean[0] > 0.8
    assert curve.mean[-1] < 0.1
    assert (curve.interval >= 0).all()


def test_an_svm_needs_both_kinds() -> None:
    with pytest.raises(UsageError, match="both True and False"):
        train_svms(np.zeros((4, 2, 2, 1), np.uint8), np.ones(4, bool))


def test_a_reader_of_numbers_is_trained_on_the_squared_error() -> None:
    """How bright a picture is, in a unit and with a sign that no logit has."""
    values = rng(0).uniform(-3, 3, (300, 1)).astype(np.float32)
    images = np.broadcast_to(127 + 40 * values[:, :, None, None], (300, 16, 16, 1)).astype(np.uint8)
    read = reading(train_reader(images[:200], values[:200], steps=150, flip=False, loss=torch.nn.functional.mse_loss))
    guessed = read(torch.from_numpy(images[200:]).permute(0, 3, 1, 2).float() / 127.5 - 1).numpy()
    assert np.corrcoef(guessed[:, 0], values[200:, 0])[0, 1] > 0.95


def test_attributes_are_kept_where_pictures_are_read_as_their_originals() -> None:
    before = np.array([[1.0, -1, 3], [-1, -1, 2], [-1, -1, 1], [2, -1, 4]])
    assert attributes_kept(before, before) == 1
    assert attributes_kept(before, -before) == 0


def test_a_picture_that_always_shows_the_same_keeps_no_attribute() -> None:
    """However rare the attribute is: a plain share of agreement would praise it."""
    rare = np.where(np.arange(100) < 5, 1.0, -1.0)[:, None]
    assert attributes_kept(rare, np.full((100, 1), -1.0)) == pytest.approx(0.5)


def test_attributes_that_all_originals_share_tell_nothing() -> None:
    with pytest.raises(UsageError, match="in all originals or in none"):
        attributes_kept(np.ones((3, 2)), np.ones((3, 2)))
