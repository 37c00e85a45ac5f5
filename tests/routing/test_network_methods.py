"""A tap may call a method of its network, such as a discriminator's features."""

from __future__ import annotations

import pytest
import torch
from routing_toys import FEATURES, dense, sgd, toy_inputs
from torch import Tensor, nn

from edgan.losses import discrimination
from edgan.routing import Executor, Phase, Plan, Stage, Table, Tap, Term, row


class Discriminator(nn.Module):
    """Features, then a logit."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk, self.logit = dense(FEATURES, 4), dense(4, 1)

    def features(self, image: Tensor) -> Tensor:
        return self.trunk(image)

    def judge(self, features: Tensor) -> Tensor:
        return self.logit(features).squeeze(1)

    def forward(self, image: Tensor) -> Tensor:
        return self.judge(self.features(image))


def flipped(image: Tensor) -> Tensor:
    return -image


def plan(by_methods: bool) -> Plan:
    whole = (Tap("d_real", ("image",), network="d"), Tap("d_fake", ("fake",), network="d"))
    methods = (
        Tap("seen", ("image",), network="d", method="features"),
        Tap("d_real", ("seen",), network="d", method="judge"),
        Tap("d_fake", ("fake",), network="d"),
    )
    taps = (Tap("fake", ("image",), function=flipped), *(methods if by_methods else whole))
    table = Table(("d",), (row(Term("game", discrimination, ("d_real", "d_fake"), "BCE"), d=1.0),))
    return Plan(table, taps, (Stage("one", (Phase("judge", ("d",)),), simultaneous=False),))


def test_methods_called_in_turn_are_the_whole_network() -> None:
    after = []
    for by_methods in (True, False):
        torch.manual_seed(0)
        networks = {"d": Discriminator()}
        Executor(plan(by_methods), networks, sgd(networks)).step(0, 0, lambda _: toy_inputs(0))
        after.append([p.detach().clone() for p in networks["d"].parameters()])
    assert all(torch.equal(a, b) for a, b in zip(*after, strict=True))


def test_a_method_belongs_to_its_network_in_the_plan_and_is_counted_by_its_own_name() -> None:
    assert plan(True).networks_behind("seen") == {"d"}
    networks = {"d": Discriminator()}
    result = Executor(plan(True), networks, sgd(networks)).step(0, 0, lambda _: toy_inputs(0))
    assert result.forwards == {"d.features": 1, "d.judge": 1, "d": 1}


def test_a_method_without_a_network_is_refused() -> None:
    with pytest.raises(ValueError, match="names the method 'features' but no network"):
        Tap("seen", ("image",), function=flipped, method="features")
