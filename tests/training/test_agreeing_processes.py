"""Two processes train, in float32 and over many steps, the weights that one trains."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from agreeing_processes import METHODS, train, write_weights

from edgan.synthetic import write_folder
from edgan.training.distributed import World
from forked_edgan import forked_ranks
from systems import forks

STEPS = 50
LEAST = 1e-2
"""Weights are .04 to .1. Biases are .001 to .01 after fifty steps, and a rounding that turns a unit on moves them."""


@pytest.fixture(scope="module")
def together(tmp_path_factory) -> tuple[Path, Path]:
    """The data, and the folder of the weights that two processes trained."""
    data, out = tmp_path_factory.mktemp("data"), tmp_path_factory.mktemp("two")
    for kind in ("faces", "facades"):
        write_folder(kind, data / kind, 24, 32)
    ranks = forked_ranks(out, write_weights, [str(data), str(out), str(STEPS)])
    heard = [rank.communicate(timeout=300) for rank in ranks]
    assert [rank.returncode for rank in ranks] == [0, 0], heard
    return data, out


@forks
@pytest.mark.parametrize("method", METHODS)
def test_fifty_steps_in_float32_end_within_1e_5_of_a_single_process(together, method):
    """Relative to the largest weight of each tensor, or to .01 where a bias has hardly left 0. By SGD."""
    data, out = together
    alone = train(method, data, STEPS, World(0, 1, torch.device("cpu")))
    start = train(method, data, 0, World(0, 1, torch.device("cpu")))
    two = torch.load(out / f"{method}.pt")
    assert alone.keys() == two.keys()
    apart, moved = ({name: distance(value, other[name]) for name, value in alone.items()} for other in (two, start))
    worst = max(apart, key=lambda name: apart[name])
    assert max(moved.values()) > 1e-3
    assert apart[worst] <= 1e-5, worst


def distance(value: torch.Tensor, other: torch.Tensor) -> float:
    return float((value - other).abs().max() / value.abs().max().clamp_min(LEAST))
