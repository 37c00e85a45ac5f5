"""How steadily a loss falls, and how much it differs between seeds."""

import math

import pytest
import torch

from edgan.errors import UsageError
from edgan.metrics import instability, spread_over_seeds


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
    with pytest.raises(UsageError, match="at least 20 finite"):
        instability([1.0] * 5)


def test_seeds_that_agree_have_no_spread():
    curve = [1 / (1 + step) for step in range(30)]
    assert spread_over_seeds([curve, curve]) == 0
    assert spread_over_seeds([curve, [2 * value for value in curve]]) > 0.3
    with pytest.raises(UsageError, match="at least two"):
        spread_over_seeds([curve])
