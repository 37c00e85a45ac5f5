"""Variation between variants by octave, and a stability that is defined."""

import math

import pytest
import torch

from edgan.errors import UsageError
from edgan.metrics import instability, spread_over_seeds, variation_by_octave


def test_noise_of_each_octave_is_found_in_its_band():
    torch.manual_seed(0)
    base = torch.rand(1, 3, 1, 64, 64)
    fine = torch.randn(4, 3, 1, 64, 64)
    coarse = torch.nn.functional.interpolate(torch.randn(12, 1, 2, 2), 64, mode="bicubic").view(4, 3, 1, 64, 64)
    assert variation_by_octave(base + fine).argmax() == 0
    assert variation_by_octave(base + coarse).argmax() >= 3


def test_the_octaves_add_up_to_the_variance_of_white_noise():
    torch.manual_seed(0)
    noise = 0.3 * torch.randn(16, 8, 1, 32, 32)
    assert variation_by_octave(noise).sum() == pytest.approx(0.09, rel=0.05)


def test_equal_variants_do_not_vary():
    same = torch.rand(1, 2, 3, 16, 16).expand(3, -1, -1, -1, -1)
    assert variation_by_octave(same).max() < 1e-12


def test_one_variant_is_refused():
    with pytest.raises(UsageError, match="K of 2 or more"):
        variation_by_octave(torch.rand(1, 2, 3, 16, 16))


def test_a_loss_that_jumps_more_is_less_steady_and_a_slow_fall_is_steady():
    torch.manual_seed(0)
    slow = [2 - step / 400 for step in range(200)]
    jumps = torch.randn(200).tolist()
    calm, wild = ([s + size * j for s, j in zip(slow, jumps, strict=True)] for size in (0.02, 0.2))
    assert instability([1.0] * 50) == 0
    assert instability(slow) < 0.01 < instability(calm) < instability(wild)
    assert instability(wild) == pytest.approx(10 * instability(calm), rel=0.1)


def test_stability_has_no_unit():
    losses = [2 + math.sin(step) for step in range(100)]
    assert instability([10 * loss for loss in losses]) == pytest.approx(instability(losses))


def test_too_few_losses_are_refused():
    with pytest.raises(UsageError, match="20 finite"):
        instability([1.0] * 5)


def test_seeds_that_agree_have_no_spread():
    curve = [1 / (1 + step) for step in range(30)]
    assert spread_over_seeds([curve, curve]) == 0
    assert spread_over_seeds([curve, [2 * value for value in curve]]) > 0.3
    with pytest.raises(UsageError, match="two curves"):
        spread_over_seeds([curve])
