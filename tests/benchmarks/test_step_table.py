"""The step table: rivals compute what they are said to, a row has its figures, and the page shows them."""

from __future__ import annotations

import argparse
import json
from collections import Counter

import pytest
import torch
from torch import nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

import benchmarks.step
from benchmarks.by_hand import BY_HAND
from benchmarks.cuda_parts.steps import at_last_stage
from benchmarks.cuda_parts.trainers import Sized, trainer
from benchmarks.performance_page import page
from benchmarks.rivals import passes_apart, plain_loop, released_loop
from benchmarks.step import chosen, run
from benchmarks.step_row import Wanted, _sized, measure, step_of
from edgan.errors import UsageError
from edgan.routing import Executor
from edgan.training.loop import Trainer

CPU = torch.device("cpu")


ENCODERS = {"network.hidden": (40, 20), "network.latent": 20, "network.dropout": 0, "discriminator.dropout": 0}
CHANGES = {
    "ali": {"discriminator.dropout": 0},
    "ae-xcov": {"network.hidden": (40, 20), "network.latent": 20, "network.dropout": 0},
    "modified-cgan": {"network.width": 8, "network.discriminator": 8, "network.connection": 32},
    "icgan": ENCODERS,
    "vae-gan": {**ENCODERS, "game.equilibrium": False},
    "cdnet": {**ENCODERS, "game.equilibrium": False, "decorrelation.over": 1},
    "editable-gan": {"network.width": 8, "network.discriminator": 8, "network.connection": 32},
}
"""Smaller networks, without what a loop by hand leaves out or draws otherwise: dropout and the side that waits."""


def ready(method: str, scratch, batch: int = 2) -> Trainer:
    return trainer(Sized(method, "paper", 32, batch, 8), CPU, "float32", scratch, CHANGES.get(method))


def weights(networks) -> dict[str, torch.Tensor]:
    return {f"{n}/{k}": v.clone() for n, network in networks.items() for k, v in network.named_parameters()}


@pytest.mark.parametrize("method", sorted(BY_HAND))
def test_a_loop_by_hand_trains_the_same_weights_and_computes_no_less(method, tmp_path):
    plan, hand = ready(method, tmp_path, 4), ready(method, tmp_path, 4)
    step = plain_loop(hand)
    assert step is not None
    before = weights(plan.networks)
    for network in hand.networks.values():
        assert isinstance(network, nn.Module)
    for training in (plan, hand):
        at_last_stage(training).state.step += 1  # past a weight's first step, where it may be 0
    plan.advance()
    step()
    ours, theirs = weights(plan.networks), weights(hand.networks)
    for network in plan.networks:
        names = [name for name in ours if name.startswith(f"{network}/")]
        moved = max((ours[name] - before[name]).abs().max() for name in names)
        # Adam's first step moves each weight by the rate, whatever the gradient's size; rounding flips a few near 0,
        # and the biases before a batch norm, whose gradient is 0.
        apart = torch.cat([(ours[name] - theirs[name]).abs().flatten() for name in names])
        assert (apart > 0.1 * moved).float().mean() < 0.01
    # From the second step on, what is kept for each image is there.
    plan.state.step += 1
    assert flops_of(plan.advance) <= flops_of(step)


class Flops(TorchDispatchMode):
    """Counts those of matrix products and convolutions. torch's own counter fails inside a gradient penalty."""

    total = 0

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        out = func(*args, **(kwargs or {}))
        if func._overloadpacket in flop_registry:
            self.total += flop_registry[func._overloadpacket](*args, **(kwargs or {}), out_val=out)
        return out


def flops_of(work) -> int:
    with Flops() as counter:
        work()
    assert counter.total > 0
    return counter.total


def test_the_page_says_how_long_the_released_order_takes():
    text = page(result_of({**ROW, "released_ratio": 2.0, "released_quartiles": [1.75, 2.25]}))
    assert "in the order of the released code takes 2.00 times as long (1.75 to 2.25)" in text


def test_the_released_order_draws_for_each_network_and_steps_one_at_a_time(tmp_path):
    training = at_last_stage(ready("cdnet", tmp_path, 4))
    step = released_loop(training)
    assert step is not None
    before, calls = weights(training.networks), Counter[str]()
    for name, network in training.networks.items():
        network.register_forward_hook(lambda *_, name=name: calls.update([name]))
    step()
    after = weights(training.networks)
    assert calls == dict.fromkeys(training.networks, 3)
    moved = {name.partition("/")[0] for name, weight in before.items() if not torch.equal(weight, after[name])}
    assert moved == {"encoder", "decoder", "discriminator"}
    assert all(parameter.grad is None for network in training.networks.values() for parameter in network.parameters())
    assert released_loop(ready("dcgan", tmp_path, 4)) is None, "its released code is not known"


def test_a_batch_that_is_asked_for_has_enough_pictures(tmp_path):
    sized = _sized(Wanted("dcgan", "paper", 0.0, 1, tmp_path, side=28, batch=128))
    assert sized.batch == 128
    assert sized.images >= 2 * 128


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
    assert row["rounds"] >= 4
    assert row["plain_loop_quartiles"][0] <= row["plain_loop_ratio"] <= row["plain_loop_quartiles"][1]
    assert sum(row["shares"].values()) == pytest.approx(1)
    assert all(0 < share < 1 for share in row["shares"].values())
    assert row["shares"]["convolutions"] > row["shares"]["matrix products"]
    text = page(result_of(row))
    assert f"| {row['images_s']:.1f} |" in text
    assert "`vgg-connection:paper` is not measured: no weights" in text


def result_of(row) -> dict:
    rows = {"ed-slash-gan:paper": {**row, "commit": "abc"}, "vgg-connection:paper": {"not_run": "no weights"}}
    made = {"machine": "a machine", "threads": 1, "cpu": "AVX2", "torch": "2", "date": "2026-01-01T00:00Z"}
    return {**made, "rows": rows}


ROW = {
    "side": 64,
    "batch": 5,
    "batch_of_preset": 25,
    "images_s": 50.0,
    "ms_step": 100.0,
    "ms_usual_step": [99.0, 101.0],
    "ms_phases": {"learn": 100.0},
    "ms_data": 1.0,
    "gflop_step": 10.0,
    "matrix_gflop_s": 200.0,
    "ratio": 0.5,
    "peak_mib": 100.0,
    "gflop_apart": 15.0,
    "apart_ratio": 1.5,
    "shares": {"convolutions": 0.5, "matrix products": 0.125, "norms": 0.1, "optimisers": 0.1, "other": 0.175},
}


@pytest.mark.parametrize(
    ("quartiles", "said"),
    [
        ([1.02, 1.08], "`ed-slash-gan:paper`: faster than the loop by hand."),
        ([0.92, 0.98], "`ed-slash-gan:paper`: slower than the loop by hand."),
        ([0.98, 1.02], "`ed-slash-gan:paper`: as fast as the loop by hand, within the scatter of the rounds."),
    ],
)
def test_the_page_concludes_what_the_rounds_allow(quartiles, said):
    text = page(result_of({**ROW, "plain_loop_ratio": sum(quartiles) / 2, "plain_loop_quartiles": quartiles}))
    assert said in text
    assert text.count("the loop by hand") == 1


def test_the_page_tells_what_products_alone_would_reach():
    text = page(result_of(ROW))
    assert "| 0.50 | 0.62 (0.80) |" in text
    assert "take 0.62 of a step in the median, and reach 0.80 of the rate" in text


def test_the_page_shows_the_tables_of_other_machines_too():
    other = {**result_of({**ROW, "plain_loop_ratio": 1.2, "plain_loop_quartiles": [1.1, 1.3]}), "cpu": "AVX512"}
    text = page(result_of({**ROW, "images_s": 77.7}), [other])
    assert text.count("| `ed-slash-gan:paper` |") == 2
    assert text.index("AVX512; torch") > text.index("| 77.7 |")
    assert "`ed-slash-gan:paper on AVX512`: faster than the loop by hand." in text


def test_the_page_names_rows_to_measure_again():
    again = "python -m benchmarks.step ed-slash-gan:paper"
    assert again not in page(result_of(ROW))
    for disturbed in ({"ms_usual_step": [80.0, 120.0]}, {"ratio": 1.1}):
        assert again in page(result_of({**ROW, **disturbed}))
        assert again in page(result_of(ROW), [result_of({**ROW, **disturbed})])


@pytest.fixture
def measured(monkeypatch) -> list[str]:
    """The names of the rows that are measured, in their order; nothing is."""
    names: list[str] = []

    def alone(wanted):
        names.append(f"{wanted.method}:{wanted.preset}")
        return dict(ROW)

    monkeypatch.setattr(benchmarks.step, "_alone", alone)
    return names


def call(out, *methods, budget=60.0, side=None) -> dict:
    asked = {"methods": list(methods), "budget": budget, "seconds": 0.0, "side": side, "batch": None, "out": out}
    run(argparse.Namespace(**asked))
    return json.loads(out.read_text(encoding="utf-8"))


def test_a_result_of_another_machine_reaches_the_page_by_a_relative_path(measured, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    first = tmp_path / "results" / "bench-step.json"
    first.parent.mkdir()
    first.write_text(json.dumps(result_of(ROW)), encoding="utf-8")
    for name, value in {"ROOT": tmp_path, "RESULT": first, "PAGE": tmp_path / "page.md"}.items():
        monkeypatch.setattr(benchmarks.step, name, value)
    monkeypatch.setattr("sys.argv", ["step", "lsgan:quick", "--out", "results/bench-step-other.json"])
    benchmarks.step.main()
    text = (tmp_path / "page.md").read_text(encoding="utf-8")
    assert "| `ed-slash-gan:paper` |" in text
    assert "| `lsgan:quick` |" in text


def test_a_run_goes_on_where_an_earlier_one_stopped(measured, tmp_path, capsys):
    out, everything = tmp_path / "result.json", [":".join(row) for row in chosen([])]
    call(out, "lsgan", "dcgan:quick")
    assert measured == ["lsgan:quick", "lsgan:paper", "dcgan:quick"]
    call(out, budget=0.0)
    assert "Not measured: ed-slash-gan:quick, " in capsys.readouterr().out
    result = call(out)
    assert sorted(measured) == sorted(everything)
    assert list(result["rows"]) == everything
    call(out)
    assert len(measured) == len(everything)
    call(out, "dcgan:quick")
    assert measured[-1] == "dcgan:quick"
    assert len(measured) == len(everything) + 1


def test_rows_of_another_commit_are_measured_again(measured, tmp_path):
    out = tmp_path / "result.json"
    result = call(out)
    result["rows"]["dcgan:paper"]["commit"] = "0000000"
    out.write_text(json.dumps(result), encoding="utf-8")
    measured.clear()
    call(out)
    assert measured == ["dcgan:paper"]


def test_a_result_of_other_circumstances_is_refused(measured, tmp_path):
    out = tmp_path / "result.json"
    call(out, "dcgan:quick")
    with pytest.raises(UsageError, match=r"other values of: settings"):
        call(out, side=32)


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
