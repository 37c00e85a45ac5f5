"""Weights that change with the step, and how they are written."""

from __future__ import annotations

import random

import pytest
import torch

from edgan.routing import (
    Forward,
    Inputs,
    Linear,
    Piecewise,
    Plan,
    Route,
    Table,
    Tap,
    parse_route,
    route_text,
    weight_at,
)


@pytest.mark.parametrize(("step", "weight"), [(0, 0.0), (1, 0.01), (5, 0.05), (10, 0.1), (10_000, 0.1)])
def test_a_linear_warm_up_reaches_its_end_and_stays(step: int, weight: float) -> None:
    assert weight_at(Linear(0, 0.1, 10), step) == pytest.approx(weight, abs=1e-15)


def test_a_linear_schedule_can_fall() -> None:
    assert [weight_at(Linear(1, 0, 4), step) for step in range(6)] == [1, 0.75, 0.5, 0.25, 0, 0]


def test_pieces_hold_from_their_step_on_and_nothing_holds_before_the_first() -> None:
    schedule = Piecewise(((2, 1.0), (4, 0.5)))
    assert [weight_at(schedule, step) for step in range(6)] == [0, 0, 1, 1, 0.5, 0.5]


def test_a_number_is_the_same_at_every_step() -> None:
    assert weight_at(0.3, 0) == weight_at(0.3, 10**9) == 0.3


@pytest.mark.parametrize(
    ("text", "route"),
    [
        ("0.5", 0.5),
        ("-1e-3", -0.001),
        ("linear(0,1,5000)", Linear(0, 1, 5000)),
        (" linear(0, 0.01, 50) ", Linear(0, 0.01, 50)),
        ("piecewise(0:0,1000:0.5)", Piecewise(((0, 0.0), (1000, 0.5)))),
    ],
)
def test_routes_are_read_as_they_are_written(text: str, route: Route) -> None:
    assert parse_route(text) == route


@pytest.mark.parametrize(
    "text",
    [
        "",
        "much",
        "nan",
        "inf",
        "linear(0,1)",
        "linear(0,1,0)",
        "linear(nan,1,5)",
        "linear(0,inf,5)",
        "cosine(0,1,5)",
        "piecewise()",
        "piecewise(5:1,0:2)",
        "piecewise(0:1,0:2)",
        "piecewise(0:nan)",
        "piecewise(0)",
    ],
)
def test_what_is_no_route_is_refused_with_examples(text: str) -> None:
    with pytest.raises(ValueError, match=r"is not a route; write a number such as 0\.1, linear"):
        parse_route(text)


def test_texts_are_short_where_numbers_are() -> None:
    assert [route_text(r) for r in (1.0, 0.01, Linear(0, 1, 5000), Piecewise(((0, 0.0), (9, 0.5))))] == [
        "1",
        "0.01",
        "linear(0,1,5000)",
        "piecewise(0:0,9:0.5)",
    ]


def test_every_route_is_read_back_exactly() -> None:
    """A run stores its routes as texts, so a text that rounds would change the training."""
    dice = random.Random(0)

    def number() -> float:
        return dice.choice((1.0, 1 / 3, 0.123456789, 1234567.0, 1e-30)) * dice.choice((1, -1, dice.random()))

    for _ in range(200):
        steps = sorted(dice.sample(range(10**7), 3))
        pieces = Piecewise(tuple((step, number()) for step in steps))
        for route in (number(), Linear(number(), number(), dice.randint(1, 10**7)), pieces):
            assert parse_route(route_text(route)) == route


def test_noise_is_as_wide_as_its_schedule_says_and_in_use_as_it_ends() -> None:
    tap = Tap("z", noise=("normal", (1,)), scale=Piecewise(((0, 2.0), (3, 1.0))))
    plan = Plan(Table(()), (tap,), ())
    inputs = Inputs({}, lambda *_: torch.ones(4, 1))
    drawn = [float(Forward(plan, {}, inputs, step=step)["z"][0]) for step in (0, 2, 3, 9)]
    assert drawn == [2, 2, 1, 1]
    assert float(Forward(plan, {}, inputs)["z"][0]) == 1


def test_only_noise_has_a_scale() -> None:
    with pytest.raises(ValueError, match="'z' is not noise"):
        Tap("z", ("image",), network="encoder", scale=2.0)
