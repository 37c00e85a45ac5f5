"""Learning rates that decay at given steps."""

from __future__ import annotations

import pytest
from torch import nn

from edgan.config import configure
from edgan.errors import UsageError
from edgan.routing import Phase, Plan, Stage, Table
from edgan.training.optimisers import optimisers_of, set_rates


def encoder_rates(settings: dict[str, object], steps: list[int]) -> list[float]:
    """The encoder's learning rate at these steps."""
    configuration = configure("ed-slash-gan", changes=settings)
    plan = Plan(Table(("encoder",)), (), (Stage("all", (Phase("learn", ("encoder",)),), simultaneous=True),))
    optimisers = optimisers_of(configuration, plan, {"encoder": nn.Linear(1, 1)})
    rates = []
    for step in steps:
        set_rates(configuration, plan, optimisers, step)
        rates.append(optimisers["encoder"].param_groups[0]["lr"])
    return rates


@pytest.mark.parametrize("written", ["10,30", [10, 30]])
def test_the_rate_falls_at_each_step_that_is_named(written: object) -> None:
    settings = {"optimisers.encoder.lr": 0.1, "optimisers.encoder.decay_at": written}
    expected = [0.1, 0.1, 0.075, 0.075, 0.05625, 0.05625]
    assert encoder_rates(settings, [0, 9, 10, 29, 30, 1000]) == pytest.approx(expected)


def test_a_network_of_its_own_need_not_decay() -> None:
    settings = {"optimiser.decay_at": "10", "optimisers.encoder.decay_at": "", "optimisers.encoder.lr": 0.1}
    assert encoder_rates(settings, [0, 10]) == [0.1, 0.1]


def test_steps_that_are_no_numbers_are_refused() -> None:
    with pytest.raises(UsageError, match="decay_at"):
        configure("ed-slash-gan", changes={"optimiser.decay_at": "10,soon"})


def test_a_linear_decay_ends_at_zero_with_the_training() -> None:
    settings = {"steps": 100, "optimisers.encoder.lr": 0.1, "optimisers.encoder.linear_from": 0.5}
    assert encoder_rates(settings, [0, 49, 50, 75, 99, 100]) == pytest.approx([0.1, 0.1, 0.1, 0.05, 0.002, 0.0])


def test_the_linear_decay_belongs_to_the_last_stage() -> None:
    configuration = configure("ed-slash-gan", changes={"steps": 30, "optimisers.encoder.linear_from": 0.0})
    learn = (Phase("learn", ("encoder",)),)
    stages = (Stage("first", learn, simultaneous=True, steps=10), Stage("last", learn, simultaneous=True))
    plan = Plan(Table(("encoder",)), (), stages)
    optimisers = optimisers_of(configuration, plan, {"encoder": nn.Linear(1, 1)})
    rates = []
    for stage, within in ((0, 9), (1, 0), (1, 10)):
        set_rates(configuration, plan, optimisers, within, stage)
        rates.append(optimisers["encoder"].param_groups[0]["lr"])
    base = configuration.optimiser_of("encoder").lr
    assert rates == pytest.approx([base, base, base / 2])
