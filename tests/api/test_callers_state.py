"""Calls from Python leave the caller's random numbers and torch's settings as they were."""

from __future__ import annotations

import random
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sklearn.svm  # noqa: F401 - its first import draws from Python's random numbers
import torch
from api_toys import TINY

import edgan
from edgan.api import Run

Call = Callable[[Run, Path, Path], Any]

CALLS: Mapping[str, Call] = {
    "load": lambda run, _faces, _out: edgan.load(run.path),
    "sample": lambda run, _faces, out: edgan.sample(run.path, out, count=2),
    "reconstruct": lambda run, faces, out: edgan.reconstruct(run.path, faces, out),
    "invert": lambda run, faces, out: edgan.invert(run.path, faces, out, steps=1),
    "evaluate": lambda run, faces, _out: edgan.evaluate(run.path, faces, split="train"),
    "explain": lambda _run, faces, _out: edgan.explain("dcgan", data=faces, size=32, measure=True),
    "rank": lambda _run, faces, _out: edgan.rank(faces, {"same": faces}, size=16, seeds=1, epochs=2, also="kid"),
    "train": lambda _run, faces, out: edgan.train(
        "ed-slash-gan", faces, out, size=32, steps=1, batch=4, device="cpu", set=TINY, report=False
    ),
}


def state() -> tuple[object, ...]:
    """Random states, precision, modes of differentiation and threads."""
    return (
        torch.get_rng_state().numpy().tobytes(),
        random.getstate(),
        np.random.get_state()[1].tobytes(),  # type: ignore[union-attr,index]
        torch.get_default_dtype(),
        torch.is_grad_enabled(),
        torch.is_inference_mode_enabled(),
        torch.get_num_threads(),
        torch.are_deterministic_algorithms_enabled(),
    )


@pytest.mark.parametrize("name", CALLS)
def test_a_call_changes_nothing_of_the_callers(name: str, run: Run, faces: Path, tmp_path: Path) -> None:
    torch.manual_seed(3)
    before = state()
    CALLS[name](run, faces, tmp_path / "out")
    assert state() == before


def test_the_callers_random_numbers_change_no_training(faces: Path, tmp_path: Path) -> None:
    weights = []
    for seed in (1, 2):
        torch.manual_seed(seed)
        trained = CALLS["train"](None, faces, tmp_path / str(seed))  # type: ignore[arg-type]
        weights.append(
            torch.cat([p.flatten() for network in trained.load().networks.values() for p in network.parameters()])
        )
    assert torch.equal(*weights)
