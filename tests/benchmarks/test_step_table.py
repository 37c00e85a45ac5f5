"""The step table: rivals compute what they are said to, a row has its figures, and the page shows them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from benchmarks.cuda_parts.trainers import Sized, trainer
from benchmarks.performance_page import page
from benchmarks.rivals import passes_apart, plain_loop
from benchmarks.step import chosen
from benchmarks.step_row import Wanted, measure, step_of
from edgan.errors import UsageError
from edgan.routing import Executor
from edgan.training.loop import Trainer

CPU = torch.device("cpu")


def ready(method: str, scratch) -> Trainer:
    return trainer(Sized(method, "paper", 32, 2, 8), CPU, "float32", scratch)


def weights(networks) -> dict[str, torch.Tensor]:
    return {f"{n}/{k}": v.clone() for n, network in networks.items() for k, v in network.named_parameters()}


@pytest.mark.parametrize("method", ["dcgan", "ed-slash-gan"])
def test_a_loop_by_hand_trains_the_same_weights(method, tmp_path):
    plan, hand = ready(method, tmp_path), ready(method, tmp_path)
    step = plain_loop(hand)
    assert step is not None
    before = weights(plan.networks)
    for network in hand.networks.values():
        assert isinstance(network, nn.Module)
    plan.advance()
    step()
    moved = {name: (value - before[name]).abs().max() for name, value in weights(plan.networks).items()}
    for name, value in weights(hand.networks).items():
        # Adam's first step moves each weight by the rate, whatever the gradient's size; rounding flips a few near 0.
        apart = (value - weights(plan.networks)[name]).abs()
        assert (apart > 0.1 * moved[name]).float().mean() < 0.01


def test_passes_apart_have_the_plans_gradients_for_every_network(tmp_path):
    training = ready("cdnet", tmp_path)
    stage = len(training.method.plan.stages) - 1
    apart = passes_apart(training.method.plan)
    inputs = training.feed.inputs(0)
    ours = Executor(training.method.plan, training.networks).gradients(stage, 1, lambda _: inputs)
    passes = apart.passes(stage, 1)
    assert [p.columns[0].networks for p in passes] == [(name,) for name in ours]
    assert all(not p.carried for p in passes)
    for name, current in zip(ours, passes, strict=True):
        expected = training.method.plan.passes(stage, 1)[0].columns
        cells = next(column.cells for column in expected if name in column.networks)
        assert set(current.columns[0].cells) <= set(cells)


def test_a_row_has_its_figures_and_the_page_shows_them(tmp_path):
    row = measure(Wanted("ed-slash-gan", "paper", 0.0, 1, tmp_path, side=32, batch=2))
    assert len(row["ms_phases"]) == 2
    assert row["gflop_apart"] > row["gflop_step"] > 0
    assert row["apart_ratio"] > 0
    assert row["plain_loop_ratio"] > 0
    result = {
        "machine": "a machine",
        "threads": 1,
        "cpu": "AVX2",
        "torch": "2",
        "date": "2026-01-01T00:00Z",
        "commit": "abc",
        "left_out": ["grit:paper"],
        "rows": {"ed-slash-gan:paper": row, "vgg-connection:paper": {"not_run": "no weights"}},
    }
    text = page(result)
    assert f"| {row['images_s']:.1f} |" in text
    assert "Not measured: `grit:paper`, `vgg-connection:paper`." in text


def test_lazy_steps_are_where_they_belong(tmp_path):
    training = ready("wgan-gp", tmp_path)
    step_of(training, 1)
    assert training.step == sum(stage.steps or 0 for stage in training.method.plan.stages[:-1]) + 2


def test_rows_are_methods_at_both_presets_and_others_are_refused():
    assert chosen(["dcgan"]) == [("dcgan", "quick"), ("dcgan", "paper")]
    assert chosen(["vae"]) == [("vae", "paper")]
    assert chosen(["dcgan:small"]) == [("dcgan", "small")]
    with pytest.raises(UsageError, match=r"no dcgan:huge"):
        chosen(["dcgan:huge"])
