"""The perceptual loss weighs every map alike, whatever its scale."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor

from edgan.losses import perceptual


def maps(seed: int) -> list[Tensor]:
    generator = torch.Generator().manual_seed(seed)
    return [torch.randn(2, c, s, s, generator=generator, dtype=torch.float64) for c, s in ((3, 8), (5, 4))]


def test_it_is_the_mean_relative_distance_of_the_maps() -> None:
    a, b = maps(0), maps(1)
    for n, value in enumerate(perceptual(a, b)):
        relative = [float((x[n] - y[n]).abs().mean() / y[n].abs().mean()) for x, y in zip(a, b, strict=True)]
        assert float(value) == pytest.approx(sum(relative) / 2)


def test_a_maps_scale_does_not_matter() -> None:
    a, b = maps(0), maps(1)
    torch.testing.assert_close(perceptual([a[0], 1e3 * a[1]], [b[0], 1e3 * b[1]]), perceptual(a, b))


def test_equal_maps_are_at_0_and_an_empty_prediction_at_1() -> None:
    a = maps(0)
    assert perceptual(a, a).tolist() == [0, 0]
    torch.testing.assert_close(perceptual([torch.zeros_like(x) for x in a], a), torch.ones(2, dtype=torch.float64))


@pytest.mark.parametrize("count", [0, 1])
def test_unequal_numbers_of_maps_are_refused(count: int) -> None:
    with pytest.raises(ValueError, match=f"got {count}, 2"):
        perceptual(maps(0)[:count], maps(1))
