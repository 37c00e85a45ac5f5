"""Recorded steps train the same weights. Here work is recorded by keeping it; CUDA's graphs do the same on a GPU."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch.utils._python_dispatch import TorchDispatchMode
from training_toys import assert_same_run, train_tiny

from benchmarks.cuda_parts.trainers import Sized, trainer
from edgan.routing import CapturedSteps, Linear, Piecewise, weight_at
from edgan.routing.captured import WARM_STEPS, usable_after_failure
from edgan.training.loop import Trainer

STEPS = 12
SELDOM = {"log_every": 4, "checkpoint_every": 6, "evaluate_every": 100}
METHODS = {
    "ed-slash-gan": ("quick", {"ed_first_share": 0.5}),
    "cdnet": ("small", {"classifier_steps": 5, "decorrelation.over": 4}),
    "vae-gan": ("small", {}),
    "wgan-gp": ("small", {}),
    "rfgan": ("small", {"autoencoder.steps": 5}),
    "grit": ("small", {}),
}
"""Two stages and kept features; a warm-up; conditions; several batches a step; a lazy phase; noise of two kinds."""


@pytest.fixture
def seldom(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("edgan.training.unread.reads_seldom", lambda _: True)


class RefusesReads(TorchDispatchMode):
    """Fails where the host would wait for a value, which CUDA refuses while it records."""

    def __torch_dispatch__(self, func, types, args=(), kwargs=None):
        assert func is not torch.ops.aten._local_scalar_dense.default, "a value was read"
        return func(*args, **(kwargs or {}))


def watched(take):
    def taken():
        with RefusesReads():
            take()

    return taken


def kept_work(executor, warn=lambda _: None) -> CapturedSteps:
    return CapturedSteps(executor, warn, lambda: watched)


def trained(method: str, scratch: Path, recorded: bool) -> Trainer:
    preset, changes = METHODS[method]
    torch.manual_seed(0)
    changes = {**changes, "log_every": 5, "steps": STEPS}
    changes |= {"discriminator.kind": "paper"} if method in ("cdnet", "vae-gan", "wgan-gp", "grit") else {}
    training = trainer(Sized(method, preset, 32, 4, 24), torch.device("cpu"), "float32", scratch, changes)
    training.captured = kept_work(training.executor) if recorded else None
    for _ in range(STEPS):
        assert training.advance() is not None
    return training


@pytest.mark.usefixtures("seldom")
@pytest.mark.parametrize("method", METHODS)
def test_recorded_steps_train_the_same_weights(method, tmp_path):
    eager, recorded = (trained(method, tmp_path, way) for way in (False, True))
    assert recorded.captured.recorded >= 1
    for name, network in eager.networks.items():
        for key, value in network.state_dict().items():
            assert torch.equal(value, recorded.networks[name].state_dict()[key]), f"{name}.{key}"
    assert eager._unread.read() == recorded._unread.read()


@pytest.mark.usefixtures("seldom")
def test_a_recorded_training_is_the_same_run_with_the_same_log(faces, tmp_path, monkeypatch):
    train_tiny(faces, tmp_path / "eager", STEPS, set=SELDOM)
    monkeypatch.setattr("edgan.training.loop.captured", lambda executor, *_: kept_work(executor))
    train_tiny(faces, tmp_path / "recorded", STEPS, set=SELDOM)
    assert_same_run(tmp_path / "eager", tmp_path / "recorded")


@pytest.mark.usefixtures("seldom")
def test_a_step_that_cannot_be_recorded_runs_as_before_and_one_sentence_says_so(faces, tmp_path, monkeypatch):
    def fails(_):
        raise RuntimeError("operation not permitted when stream is capturing\nmore")

    train_tiny(faces, tmp_path / "eager", STEPS, set=SELDOM)
    monkeypatch.setattr(
        "edgan.training.loop.captured", lambda executor, _, __, warn: CapturedSteps(executor, warn, lambda: fails)
    )
    said: list[str] = []
    train_tiny(faces, tmp_path / "refused", STEPS, set=SELDOM, warn=said.append)
    assert_same_run(tmp_path / "eager", tmp_path / "refused")
    (sentence,) = [text for text in said if "CUDA graph" in text]
    assert sentence.endswith("operation not permitted when stream is capturing")


@pytest.mark.usefixtures("seldom")
def test_a_kind_of_step_is_recorded_after_its_warm_steps_and_again_after_it_was_forgotten(tmp_path):
    made = []

    def record(take):
        made.append(take)
        return take

    training = trainer(
        Sized("dcgan", "small", 32, 4, 24), torch.device("cpu"), "float32", tmp_path, {"discriminator.kind": "paper"}
    )
    training.captured = CapturedSteps(training.executor, recorder=lambda: record)
    for done in range(1, WARM_STEPS + 3):
        training.advance()
        assert training.captured.recorded == int(done > WARM_STEPS)
    training.captured.forget()
    assert training.captured.recorded == 0
    for _ in range(WARM_STEPS + 1):
        training.advance()
    assert len(made) == 2


class CudaGenerator:
    """A stand-in: as torch's, it stays in a recording that failed, and takes over another's state."""

    def __init__(self, offset: int = 0) -> None:
        self.offset, self.recording = offset, False

    def clone_state(self) -> CudaGenerator:
        return CudaGenerator(self.offset)

    def graphsafe_set_state(self, other: CudaGenerator) -> None:
        self.offset, self.recording = other.offset, other.recording


def test_a_generator_is_out_of_a_recording_that_failed_and_drew_nothing_in_it():
    generator = CudaGenerator(offset=8)

    def fails() -> None:
        with usable_after_failure(generator):
            generator.offset, generator.recording = 12, True
            raise RuntimeError("operation not permitted when stream is capturing")

    with pytest.raises(RuntimeError, match="capturing"):
        fails()
    assert (generator.offset, generator.recording) == (8, False)


def test_a_generator_keeps_what_a_recording_drew():
    generator = CudaGenerator(offset=8)
    with usable_after_failure(generator):
        generator.offset = 12
    assert generator.offset == 12


@pytest.mark.parametrize("route", [Linear(0.1, 0.7, 7), Piecewise(((0, 0.3), (5, 0.9))), Piecewise(((3, 2.0),))])
@pytest.mark.parametrize("step", [0, 1, 3, 5, 7, 100])
def test_a_weight_at_a_tensors_step_has_the_same_bits(route, step):
    assert float(weight_at(route, torch.tensor(float(step), dtype=torch.float64))) == weight_at(route, step)
