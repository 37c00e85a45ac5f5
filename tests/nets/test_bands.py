"""What of a picture is finer than a scale."""

from __future__ import annotations

import pytest
import scipy.ndimage
import torch

from edgan.nets.bands import REACH, fine


@pytest.mark.parametrize("deviation", [1.0, 2.0, 5.0])
def test_inside_it_is_the_picture_less_a_gaussian_blur(deviation: float) -> None:
    picture = torch.rand(1, 2, 64, 56, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    blurred = scipy.ndimage.gaussian_filter(picture[0].numpy(), deviation, axes=(1, 2), truncate=REACH)
    edge = 16
    inner = (..., slice(edge, -edge), slice(edge, -edge))
    torch.testing.assert_close(fine(picture, deviation)[inner], (picture - torch.from_numpy(blurred)[None])[inner])


@pytest.mark.parametrize("shape", [(1, 3, 5, 40), (2, 1, 9, 1)])
def test_a_constant_picture_has_nothing_fine_up_to_its_border(shape: tuple[int, ...]) -> None:
    torch.testing.assert_close(fine(torch.full(shape, 0.7), 2.0), torch.zeros(shape), atol=1e-6, rtol=0)


def test_a_slow_wave_goes_and_a_fast_one_stays() -> None:
    at = torch.arange(128.0)
    slow, fast = (torch.sin(2 * torch.pi * at / length).repeat(1, 1, 128, 1) for length in (64.0, 4.0))
    assert fine(slow, 2.0).std() < 0.05 * slow.std()
    assert fine(fast, 2.0).std() > 0.95 * fast.std()
