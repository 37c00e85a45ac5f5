"""A training that reads its losses seldom, as on a GPU, is the same training, and goes back later."""

from __future__ import annotations

import math

import pytest
import torch
from training_toys import (
    PowerCutError,
    assert_same_run,
    assert_same_tensors,
    cut_at,
    last,
    log_without_time,
    train_tiny,
)

from edgan.errors import EdganError
from edgan.routing import Forward, Term
from edgan.training.feed import Feed
from edgan.training.progress import Progress

STEPS = 11
SELDOM = {"log_every": 4, "checkpoint_every": 6, "evaluate_every": 100}


@pytest.fixture
def seldom(monkeypatch):
    monkeypatch.setattr("edgan.training.unread.reads_seldom", lambda _: True)


@pytest.fixture
def nan_at(monkeypatch):
    """`nan_at(step, orders)`: the reconstruction is NaN at that step (from 0), in the first so many sample orders."""

    def install(step: int, orders: int) -> None:
        real_inputs, real_loss = Feed.inputs, Forward.loss
        spoilt = []

        def inputs(feed: Feed, at: int, draw: int = 0, shuffle: int = 0):
            made = real_inputs(feed, at, draw, shuffle)
            if at == step and shuffle < orders:
                spoilt.append(made)
            return made

        def loss(forward: Forward, term: Term) -> torch.Tensor:
            value = real_loss(forward, term)
            hit = term.name == "reconstruction" and any(forward.inputs is made for made in spoilt)
            return value * math.nan if hit else value

        monkeypatch.setattr(Feed, "inputs", inputs)
        monkeypatch.setattr(Forward, "loss", loss)

    return install


@pytest.mark.parametrize("method", ["ed-slash-gan", "ed-plus-gan"])
def test_it_trains_the_same_weights_and_logs_the_same_losses(faces, tmp_path, monkeypatch, method):
    train_tiny(faces, tmp_path / "often", STEPS, method=method, set=SELDOM)
    monkeypatch.setattr("edgan.training.unread.reads_seldom", lambda _: True)
    seen: list[Progress] = []
    train_tiny(faces, tmp_path / "seldom", STEPS, method=method, set=SELDOM, watch=seen.append)
    assert_same_run(tmp_path / "often", tmp_path / "seldom")
    logged = {line["step"]: line["losses"] for line in log_without_time(tmp_path / "seldom") if "losses" in line}
    assert list(logged) == [4, 8, 11]
    # Read at 4, for the checkpoint at 6, and at 8 and 11; in between the last known losses are shown.
    known = [progress.losses for progress in seen]
    assert known[:3] == [{}] * 3
    assert [known[at - 1] for at in logged] == list(logged.values())
    assert known[4] == known[3]
    assert known[5] == known[6] != known[4]


def test_a_rollback_comes_with_the_next_reading_and_names_the_step_of_the_loss(faces, tmp_path, seldom, nan_at):
    nan_at(8, 1)
    said: list[str] = []
    train_tiny(faces, tmp_path / "run", 14, set={**SELDOM, "log_every": 5}, warn=said.append)
    assert said == [
        "At step 8 the loss 'reconstruction' is nan. Training went back to step 6 and continues in another order."
    ]
    saved = last(tmp_path / "run")
    assert (saved.step, saved.state["rollbacks"]) == (14, 1)
    steps = [line["step"] for line in log_without_time(tmp_path / "run") if "losses" in line]
    assert steps == [5, 10, 14]
    assert all(value.isfinite().all() for value in saved.tensors["networks"].values())


def test_after_all_rollbacks_the_same_sentence_ends_it(faces, tmp_path, seldom, nan_at):
    nan_at(8, 100)
    with pytest.raises(EdganError, match="stopped at step 8: the loss 'reconstruction' is nan, after 2 rollbacks"):
        train_tiny(faces, tmp_path / "run", STEPS, set={**SELDOM, "rollbacks": 2})
    assert last(tmp_path / "run").step == 6


@pytest.mark.parametrize("at", [7, 10])
def test_it_resumes_exactly_also_after_a_rollback(faces, tmp_path, seldom, nan_at, at):
    nan_at(2, 1)
    train_tiny(faces, tmp_path / "whole", STEPS, set=SELDOM)
    with pytest.raises(PowerCutError):
        train_tiny(faces, tmp_path / "cut", STEPS, set=SELDOM, watch=cut_at(at))
    train_tiny(faces, tmp_path / "cut", STEPS, set=SELDOM, resume=True)
    assert_same_tensors(last(tmp_path / "cut"), last(tmp_path / "whole"))
    assert last(tmp_path / "whole").state["rollbacks"] == 1


def test_stopped_by_a_signal_it_does_not_save_what_came_after_a_loss_that_is_not_finite(
    faces, tmp_path, seldom, nan_at, monkeypatch
):
    """The stop comes at step 8, after the loss of step 7 has failed and before anything has read it."""
    nan_at(7, 1)
    asked: list[int] = []

    class Signals:
        def __enter__(self):
            return self

        def __exit__(self, *_: object) -> None:
            return None

        @property
        def asked(self) -> bool:
            return len(asked) >= 9

    monkeypatch.setattr("edgan.training.loop.StopSignals", Signals)
    with pytest.raises(EdganError, match="Stopped after step"):
        train_tiny(
            faces, tmp_path / "run", STEPS, set={**SELDOM, "log_every": 100}, watch=lambda p: asked.append(p.step)
        )
    assert asked[-1] == 9
    assert last(tmp_path / "run").step == 6
