"""The energy distance tells samples that resemble the images from those that do not."""

from __future__ import annotations

import pytest
import torch
import torch.nn.functional as F

from edgan.metrics.distributions.energy_distance import energy_distance


def pictures(count: int, seed: int) -> torch.Tensor:
    noise = torch.randn(count, 3, 4, 4, generator=torch.Generator().manual_seed(seed))
    fine = torch.randn(count, 3, 32, 32, generator=torch.Generator().manual_seed(seed + 1))
    return (F.interpolate(noise, size=32, mode="bilinear") * 0.3 + 0.05 * fine).clamp(-1, 1)


REAL = pictures(128, 0)


def test_sets_of_one_distribution_have_nearly_none():
    assert abs(energy_distance(pictures(128, 10), REAL)) < 0.01


@pytest.mark.parametrize(
    ("made", "least"),
    [
        (REAL.mean(0, keepdim=True).expand_as(REAL), 0.25),  # every sample the mean picture
        (pictures(4, 20).repeat(32, 1, 1, 1), 0.02),  # few modes
        (F.avg_pool2d(pictures(128, 30), 5, 1, 2), 0.02),  # blurred
        (pictures(128, 40) + 0.4 * torch.randn(REAL.shape, generator=torch.Generator().manual_seed(5)), 0.02),
    ],
    ids=["mean picture", "few modes", "blurred", "noisy"],
)
def test_worse_samples_have_more(made, least):
    assert energy_distance(made, REAL) > least


def test_a_single_picture_has_no_distribution():
    assert energy_distance(REAL[:1], REAL) == 0.0
