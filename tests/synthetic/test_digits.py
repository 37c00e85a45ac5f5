"""Drawn digits: a picture depends on its seed and index alone, and its digit can be read."""

from pathlib import Path

import numpy as np
import pytest

from edgan.data import open_dataset
from edgan.errors import UsageError
from edgan.synthetic import render_digits, write_folder


def test_a_digit_does_not_depend_on_what_is_drawn_with_it():
    pictures, digits = render_digits(14, 28, seed=2)
    (picture,), (digit,) = render_digits(1, 28, seed=2, start=13)
    assert np.array_equal(pictures[13], picture)
    assert digits.tolist() == [*range(10), 0, 1, 2, 3]
    assert digit == 3


def test_pictures_are_white_on_black_with_their_mass_in_the_middle():
    pictures, _ = render_digits(50, 28, seed=1)
    assert pictures.shape == (50, 28, 28)
    assert pictures.dtype == np.uint8
    assert not np.concatenate([pictures[:, 0], pictures[:, -1], pictures[:, :, 0], pictures[:, :, -1]]).any()
    assert (pictures.max((1, 2)) > 200).all()
    weights = pictures / pictures.sum((1, 2), keepdims=True)
    places = np.arange(28)
    for axis in (1, 2):
        centres = (weights.sum(3 - axis) * places).sum(1)
        assert np.abs(centres - 13.5).max() < 1.5


def test_no_two_hands_are_alike():
    pictures, _ = render_digits(100, 28, seed=0)
    fours = pictures[4::10].reshape(10, -1).astype(float)
    distances = np.abs(fours[:, None] - fours[None]).mean(2)[~np.eye(10, dtype=bool)]
    assert distances.min() > 4


def test_the_nearest_mean_of_other_digits_reads_most_of_them():
    known, names = render_digits(400, 28, seed=3)
    asked, wanted = render_digits(200, 28, seed=4)
    means = np.stack([known[names == digit].mean(0).ravel() for digit in range(10)])
    distances = ((asked.reshape(200, 1, -1) - means[None]) ** 2).sum(2)
    assert (distances.argmin(1) == wanted).mean() > 0.85


def test_a_folder_of_digits_has_classes(tmp_path: Path):
    dataset = open_dataset(write_folder("digits", tmp_path / "digits", 40, 28), size=28)
    assert dataset.label_names == tuple("0123456789")
    assert dataset.channels == 1
    assert len(dataset) == 40


def test_digits_have_no_factors_of_faces(tmp_path: Path):
    with pytest.raises(UsageError, match="faces only"):
        write_folder("digits", tmp_path / "digits", 10, 28, independent=True)
    with pytest.raises(UsageError, match="at least 16"):
        render_digits(1, 8)
