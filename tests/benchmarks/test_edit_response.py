"""A classifier's answers on edited pictures: the order of the intensities, and both kinds of pictures counting half."""

from __future__ import annotations

import numpy as np
import pytest
import torch

from benchmarks.edit_response import balanced_accuracy, edit_response

HAS = np.array([True, False, False, False])


def brightness(images: torch.Tensor) -> torch.Tensor:
    """A classifier of two attributes: how bright and how dark a picture is."""
    mean = 8 * images.mean((1, 2, 3))
    return torch.stack([mean, -mean], 1)


def pictures(*levels: float) -> torch.Tensor:
    return torch.tensor(levels, dtype=torch.float32).view(-1, 1, 1, 1).expand(-1, 3, 4, 4)


def test_a_slider_that_works_on_one_picture_in_four_has_half_of_the_change_where_that_one_alone_has_the_attribute():
    edited = {0.0: pictures(-1, 0, 0, 0), 1.0: pictures(-0.5, 0, 0, 0), 2.0: pictures(1, 0, 0, 0)}
    response = edit_response(edited, brightness, 0, HAS, 2.0)
    assert response["rank_correlation"] == pytest.approx(0.25)
    assert response["balanced_change"] == pytest.approx(0.5, abs=0.001)
    assert response["answer_2"] == pytest.approx((1 + 3 * 0.5) / 4, abs=0.001)


def test_a_slider_in_the_wrong_direction_is_below_0():
    edited = {level: pictures(*[level / 2] * 4) for level in (0.0, 1.0, 2.0)}
    response = edit_response(edited, brightness, 1, HAS, 2.0)
    assert response["rank_correlation"] == -1
    assert response["balanced_change"] == pytest.approx(-0.5, abs=0.001)


def test_a_classifier_that_always_gives_one_answer_has_half_of_the_balanced_accuracy():
    attributes = np.stack([HAS, HAS], 1).astype(float)
    accuracy = balanced_accuracy(brightness, pictures(1, 1, 1, 1), attributes)
    assert accuracy == [0.5, 0.5]
    assert balanced_accuracy(brightness, pictures(1, -1, -1, -1), attributes) == [1, 0]
