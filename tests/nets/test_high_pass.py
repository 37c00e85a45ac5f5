"""The high-pass filter against SciPy's Gaussian."""

from __future__ import annotations

import pytest
import scipy.ndimage
import torch

from edgan.nets.high_pass import REACH, high_pass


@pytest.mark.parametrize("deviation", [1.0, 2.0, 5.0])
def test_inside_it_is_the_picture_minus_a_gaussian_blur(deviation: float) -> None:
    picture = torch.rand(1, 2, 64, 56, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    blurred = scipy.ndimage.gaussian_filter(picture[0].numpy(), deviation, axes=(1, 2), truncate=REACH)
    edge = 16
    inner = (..., slice(edge, -edge), slice(edge, -edge))
    torch.testing.assert_close(high_pass(picture, deviation)[inner], (picture - torch.from_numpy(blurred)[None])[inner])


@pytest.mark.parametrize("shape", [(1, 3, 5, 40), (2, 1, 9, 1)])
def test_a_constant_picture_gives_0_up_to_its_border(shape: tuple[int, ...]) -> None:
    torch.testing.assert_close(high_pass(torch.full(shape, 0.7), 2.0), torch.zeros(shape), atol=1e-6, rtol=0)


def test_a_slow_wave_goes_and_a_fast_one_stays() -> None:
    at = torch.arange(128.0)
    slow, fast = (torch.sin(2 * torch.pi * at / length).repeat(1, 1, 128, 1) for length in (64.0, 4.0))
    assert high_pass(slow, 2.0).std() < 0.05 * slow.std()
    assert high_pass(fast, 2.0).std() > 0.95 * fast.std()


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_under_autocast_a_constant_picture_still_has_no_high_frequencies(dtype: torch.dtype) -> None:
    picture = torch.full((1, 3, 32, 32), 0.7, dtype=dtype)
    with torch.autocast("cpu", torch.bfloat16):
        filtered = high_pass(picture, 1.6)
    assert filtered.dtype == torch.float32
    assert filtered.abs().max() < 1e-5


def test_under_autocast_a_faint_texture_is_that_of_float32() -> None:
    texture = 0.7 + 0.01 * torch.randn(1, 3, 32, 32, generator=torch.Generator().manual_seed(0))
    with torch.autocast("cpu", torch.bfloat16):
        filtered = high_pass(texture, 1.6)
    assert torch.equal(filtered, high_pass(texture, 1.6))
