"""What it brings that a step reads nothing back: the same steps with their losses read at once."""

from __future__ import annotations

import statistics
import traceback

import torch

from benchmarks.cuda_parts.job import Figures, Job, Outcome
from benchmarks.cuda_parts.numerics import exact, synchronise, tuned
from benchmarks.cuda_parts.steps import at_last_stage, block, period_of
from benchmarks.cuda_parts.trainers import Sized, trainer
from edgan.errors import EdganError
from edgan.training.loop import Trainer

METHODS = ("ed-slash-gan", "cdnet", "dcgan", "pix2pix")
STEPS, TOY_STEPS, TOY_SIDE, TOY_BATCH = 200, 6, 32, 4
EVERY = 50
ROUNDS, BLOCK_SECONDS = 3, 0.5


def reading(job: Job) -> Outcome:
    """A row for each of a few methods; one that fails is recorded with its reason."""
    rows: Figures = {}
    for name in METHODS:
        try:
            rows[name] = compare(job, name)
        except Exception as error:  # whatever one method does wrong, the others are still to be tried
            sentence = str(error) if isinstance(error, EdganError) else f"{type(error).__name__}: {error}"
            rows[name] = {"error": sentence, "traceback": traceback.format_exc()}
        job.keep({"methods": rows})
        job.say(f"{name}: {_in_words(rows[name])}")
    settings = {
        "steps": TOY_STEPS if job.toy else STEPS,
        "preset": "the default",
        "often": "losses are read at every step",
        "seldom": f"losses are read every {EVERY} steps",
        "same_weights": "of two trainings in float32 with deterministic algorithms, bit for bit",
        "time": f"median of {ROUNDS} blocks each, in turn, in bfloat16",
    }
    return Outcome({"failed": [n for n, row in rows.items() if "error" in row], "methods": rows}, settings)


def compare(job: Job, name: str) -> Figures:
    """Whether both ways train the same weights, and the milliseconds of a step of each."""
    with exact():
        ends = [_trained(job, name, every) for every in (1, EVERY)]
    same = all(torch.equal(value, ends[1][key]) for key, value in ends[0].items())
    times: dict[int, list[float]] = {1: [], EVERY: []}
    with tuned(tf32=False):
        trainings = {every: at_last_stage(_training(job, name, every, "bfloat16")) for every in times}
        period = period_of(trainings[1].method.plan)
        for training in trainings.values():
            block(training, job.device, period, 0.0)
        for _ in range(1 if job.toy else ROUNDS):
            for every, training in trainings.items():
                times[every].append(block(training, job.device, period, 0.0 if job.toy else BLOCK_SECONDS))
    often, seldom = (1000 * statistics.median(times[every]) for every in (1, EVERY))
    return {"same_weights": same, "ms_step_often": often, "ms_step_seldom": seldom}


def _training(job: Job, name: str, every: int, precision: str) -> Trainer:
    sized = Sized(name, None, TOY_SIDE, TOY_BATCH, 24) if job.toy else Sized(name)
    changes = {"log_every": every, "checkpoint_every": 10**6, "evaluate_every": 10**6, "preview_every": 10**6}
    return trainer(sized, job.device, precision, job.scratch, changes)


def _trained(job: Job, name: str, every: int) -> dict[str, torch.Tensor]:
    training = at_last_stage(_training(job, name, every, "float32"))
    for _ in range(TOY_STEPS if job.toy else STEPS):
        if training.advance() is None:
            raise EdganError(f"{name}: a step failed and was rolled back.")
    synchronise(job.device)
    return {
        f"{network}/{key}": value.detach().clone()
        for network, module in training.networks.items()
        for key, value in module.state_dict().items()
    }


def _in_words(row: Figures) -> str:
    if "error" in row:
        return str(row["error"])
    same = "the same weights" if row["same_weights"] else "other weights"
    return f"{same}; {row['ms_step_often']:.2f} ms a step with losses read at once, {row['ms_step_seldom']:.2f} without"
