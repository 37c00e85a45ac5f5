"""Two processes train what one trains at the same global batch, and one of them speaks and writes.

They meet by torchrun's variables. Where torchrun's own behaviour matters, it starts them; test_elastic.py has more.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from training_toys import SIZE, assert_same_tensors, last, log_without_time

from edgan.api.training import train
from edgan.storage.checkpoint import Snapshot
from forked_edgan import edgan_command, forked_ranks, saved_step
from systems import forks, posix_signals

STEPS, BATCH = 30, 8
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
SETTINGS = {
    "discriminator.kind": "paper",
    "discriminator.augment": "never",
    "optimiser.lr": 2e-4,
    "optimiser.beta1": 0.5,
    "network.width": 4,
    "network.max_width": 8,
    "network.norm": "none",
    "network.init": "he",
    "network.upsample": "nearest",
    "generator.norm": "none",
    "generator.activation": "relu",
    "generator.output_gain": 0.0,
    "discriminator.width": 4,
    "discriminator.max_width": 8,
    "discriminator.norm": "none",
    "discriminator.activation": "leaky",
    "discriminator.init": "he",
    "latent.size": 8,
    "ed_first_share": 0.0,
    "penalty.weight": 1.0,
    "penalty.every": 4,
    "checkpoint_every": 10,
    "evaluate_every": 10,
    "preview_every": 10,
    "log_every": 1,
}


def words(data: Path, out: Path, batch: int, steps: int, settings: dict) -> list[str]:
    """`train ed-slash-gan ...` for the command line."""
    options = {"data": data, "out": out, "size": SIZE, "batch": batch, "steps": steps, "device": "cpu"}
    flags = [word for name, value in options.items() for word in (f"--{name}", str(value))]
    return ["train", "ed-slash-gan", *flags, *(w for n, v in settings.items() for w in ("--set", f"{n}={v}"))]


def done_together(folder: Path, call: list[str]) -> tuple[str, str]:
    """What the main one of two processes wrote to stdout and stderr. Both must have worked, and the other is silent."""
    main, other = forked_ranks(folder, edgan_command, call)
    heard = [rank.communicate() for rank in (main, other)]
    assert [main.returncode, other.returncode] == [0, 0], heard
    assert heard[1] == ("", "")
    return heard[0]


def torchrun(*arguments: str) -> subprocess.Popen[str]:
    """Two processes of `edgan`, each on one thread."""
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*TORCHRUN, "-m", "edgan", *arguments], env=environment, text=True, **pipes)


def deviation(truth: torch.Tensor, other: torch.Tensor, least: float) -> float:
    """max |a - b| / max |a| of a tensor, whose largest element counts as no smaller than `least`."""
    largest = max(least, float(truth.abs().max()))
    return float((truth - other).abs().max()) / largest if largest else float(other.abs().max())


def assert_near(alone: Snapshot, together: Snapshot, bound: float, least: float = 0.0) -> None:
    """No weight is further away than so many times the largest in its tensor."""
    for group in ("networks", "ema"):
        if not alone.tensors[group]:
            continue
        deviations = {
            name: deviation(value, together.tensors[group][name], least) for name, value in alone.tensors[group].items()
        }
        worst = max(deviations, key=lambda name: deviations[name])
        print(f"{group} differ by {deviations[worst]:.1e} at most, in {worst}")
        assert deviations[worst] <= bound


def train_alone(data: Path, out: Path, steps: int, settings: dict, precision: str = "float32") -> Snapshot:
    """The same training in this process."""
    train(
        "ed-slash-gan", data, out, size=SIZE, batch=BATCH, steps=steps, device="cpu", precision=precision, set=settings
    )
    return last(out)


@forks
@pytest.mark.parametrize(("prior", "optimiser"), [("none", "rmsprop-norm"), ("vae", "adam")])
def test_after_thirty_steps_in_float64_two_processes_have_the_weights_of_one(faces, tmp_path, prior, optimiser):
    settings = {**SETTINGS, "latent.prior": prior, "ema": 0.9, "optimisers.generator.name": optimiser}
    done_together(tmp_path, [*words(faces, tmp_path / "two", BATCH, STEPS, settings), "--precision", "float64"])
    alone = train_alone(faces, tmp_path / "one", STEPS, settings, precision="float64")
    assert alone.tensors["networks"]["encoder/fully_connected.weight"].dtype == torch.float64
    assert_near(alone, last(tmp_path / "two"), 1e-10)


# One step only: later ones depend on whether a pre-activation near 0 falls on this side of a ReLU's kink or on that.
@forks
def test_in_float32_a_step_of_two_processes_is_the_step_of_one_and_one_process_speaks_and_writes(faces, tmp_path):
    said, told = done_together(tmp_path, words(faces, tmp_path / "two", BATCH, 1, SETTINGS))
    assert [line.split(";")[0] for line in said.splitlines()] == [f"{tmp_path / 'two'}: 1 step done"]
    assert told.count("step 1: held-out PSNR") == 1
    assert_near(train_alone(faces, tmp_path / "one", 1, SETTINGS), last(tmp_path / "two"), 1e-5)
    lines = log_without_time(tmp_path / "two")
    assert [sorted(line) for line in lines] == [
        ["losses", "step"],
        ["gradients", "health", "held_out", "score", "step"],
    ]


def test_a_batch_that_does_not_divide_is_told_once(faces, tmp_path):
    process = torchrun(*words(faces, tmp_path / "run", 9, STEPS, SETTINGS))
    told = process.communicate(timeout=240)[1]
    assert process.returncode != 0
    assert told.count("edgan: usage error: --batch must be a multiple of 2, the number of processes (got 9)") == 1
    assert told.count("edgan: ") == 1
    assert re.findall(r"exitcode\s*: (\d+)", told)[:1] == ["2"]
    assert not (tmp_path / "run").exists()


@forks
@posix_signals
def test_ctrl_c_saves_once_is_told_once_and_both_processes_go_on_bit_for_bit(faces, tmp_path):
    settings = {**SETTINGS, "checkpoint_every": 3}
    run, whole = tmp_path / "run", tmp_path / "whole"
    process = torchrun(*words(faces, run, BATCH, 100_000, settings))
    while saved_step(run / "checkpoints") < 3:
        assert process.poll() is None, process.communicate()
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    told = process.communicate(timeout=240)[1]
    stops = re.findall(r"Stopped after step (\d+) of 100000; everything is saved\.", told)
    assert len(stops) == 1, told
    stopped = int(stops[0])
    assert last(run).step == stopped
    done_together(tmp_path, [*words(faces, run, BATCH, stopped + 3, settings), "--resume"])
    done_together(tmp_path, words(faces, whole, BATCH, stopped + 3, settings))
    assert_same_tensors(last(run), last(whole))


@forks
def test_batch_norm_takes_the_statistics_of_the_whole_batch(faces, tmp_path):
    """Also those of the discriminator, whose penalty needs second derivatives.

    By SGD: the gradient of a bias before batch norm is rounding noise, which Adam makes into steps. Such a bias stays
    near 0, so what is below 1e-4 is compared as if it were that.
    """
    norms = {"network.norm": "batch", "generator.norm": "batch", "discriminator.norm": "batch"}
    settings = {**SETTINGS, **norms, "network.init": "dcgan", "optimiser.name": "sgd", "optimiser.lr": 0.01}
    done_together(tmp_path, [*words(faces, tmp_path / "two", BATCH, 10, settings), "--precision", "float64"])
    alone = train_alone(faces, tmp_path / "one", 10, settings, precision="float64")
    assert any(name.endswith("running_var") for name in alone.tensors["networks"])
    assert_near(alone, last(tmp_path / "two"), 1e-10, least=1e-4)
