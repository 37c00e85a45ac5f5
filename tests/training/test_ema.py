"""The average of the weights is the formula's, buffers are the latest, and the trained networks are left alone."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from edgan.training.ema import Average


def network() -> nn.Module:
    torch.manual_seed(0)
    return nn.Sequential(nn.Linear(3, 4), nn.BatchNorm1d(4))


def move(network: nn.Module, step: int) -> None:
    """Other weights and other running statistics."""
    torch.manual_seed(step)
    with torch.no_grad():
        for parameter in network.parameters():
            parameter.copy_(torch.randn_like(parameter))
    network.train()(torch.randn(8, 3))


@pytest.mark.parametrize("decay", [0.0, 0.3, 0.9, 0.998])
def test_weights_follow_the_formula(decay):
    live = network()
    average = Average({"encoder": live, "other": network()}, ["encoder"], decay)
    expected = live[0].weight.detach().double().clone()
    for step in range(1, 40):
        move(live, step)
        average.update(step)
        now = min(decay, (1 + step) / (10 + step))
        expected = now * expected + (1 - now) * live[0].weight.detach().double()
    kept = average.networks["encoder"]
    torch.testing.assert_close(kept[0].weight.double(), expected, rtol=1e-5, atol=1e-6)
    assert list(average.networks) == ["encoder"]


def test_the_start_counts_for_little_however_slow_the_average():
    live = network()
    average = Average({"encoder": live}, ["encoder"], 0.9999)
    start = live[0].weight.detach().clone()
    with torch.no_grad():
        live[0].weight.zero_()
    for step in range(1, 31):
        average.update(step)
    assert average.networks["encoder"][0].weight.abs().max() < 1e-6 * start.abs().max()


def test_no_decay_keeps_the_latest_weights_bit_for_bit():
    live = network()
    average = Average({"encoder": live}, ["encoder"], 0.0)
    move(live, 1)
    average.update(1)
    for kept, trained in zip(average.networks["encoder"].parameters(), live.parameters(), strict=True):
        assert torch.equal(kept, trained)


def test_running_statistics_are_copied():
    live = network()
    average = Average({"encoder": live}, ["encoder"], 0.998)
    move(live, 1)
    average.update(1)
    assert torch.equal(average.networks["encoder"][1].running_mean, live[1].running_mean)
    assert average.networks["encoder"][1].num_batches_tracked == 1


def test_the_average_is_in_evaluation_and_learns_nothing_itself():
    live = network().train()
    kept = Average({"encoder": live}, ["encoder"], 0.9).networks["encoder"]
    assert live.training
    assert not kept.training
    assert not any(parameter.requires_grad for parameter in kept.parameters())
    assert all(parameter.requires_grad for parameter in live.parameters())
