"""Variation between variants, by octave."""

import pytest
import torch

from edgan.errors import UsageError
from edgan.metrics import variation_by_octave


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
    with pytest.raises(UsageError, match="K at least 2"):
        variation_by_octave(torch.rand(1, 2, 3, 16, 16))
