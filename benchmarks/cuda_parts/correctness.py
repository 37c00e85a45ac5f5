"""Whether every method learns the same on CUDA as on the CPU.

Each method takes the same steps from the same weights, samples and noise three times more: on the device in float32
without TF32, on the CPU in float64, and on the device in bfloat16. The difference between the CPU's own float32 and
float64 is the yardstick: rounding grows over steps, and a device may differ from the CPU by about as much.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn

from benchmarks.cuda_parts.job import Figures, Job, NotRunError, Outcome
from benchmarks.cuda_parts.numerics import exact
from benchmarks.cuda_parts.record import trace
from benchmarks.cuda_parts.trainers import Sized, trainer
from edgan.errors import EdganError
from edgan.methods import PAGES
from edgan.training.loop import Trainer

STEPS, SIDE, BATCH, IMAGES = 20, 32, 8, 48
TOY_STEPS, TOY_BATCH = 2, 4
SMALLEST = 1e-12
SECONDS_A_METHOD = 10.0

CPU = torch.device("cpu")


@dataclass(frozen=True)
class Course:
    """What a training came to: its losses step by step, and its weights before and after."""

    losses: list[dict[str, float]]
    start: dict[str, Tensor]
    end: dict[str, Tensor]


def correctness(job: Job) -> Outcome:
    """Every method of the registry, one after the other; one that fails is recorded with its reason."""
    rows: Figures = {name: row for name, row in job.before.get("methods", {}).items() if "error" not in row}
    slowest = 0.0 if job.toy else SECONDS_A_METHOD
    left_out = []
    for name in PAGES:
        if name in rows:
            continue
        if job.left < slowest:
            left_out.append(name)
            continue
        rows[name] = attempt(job, name)
        job.keep({"methods": rows})
        job.say(f"{name}: {_in_words(rows[name])}")
    settings = {
        "steps": TOY_STEPS if job.toy else STEPS,
        "side": SIDE,
        "batch": TOY_BATCH if job.toy else BATCH,
        "preset": "the default",
        "tf32": False,
        "dropout": "off, as its masks are drawn by each device in its own way",
        "weights": "of each network, |a - b| / |b| over all its weights, the largest of the networks",
        "moved": "the same with the way |b - start| that training went in place of |b|",
        "losses": "largest |a - b| / max(|b|, 0.01) over steps and terms; first: of the first step",
    }
    failed = [name for name, row in rows.items() if "error" in row]
    return Outcome({"failed": failed, "left_out": left_out, "methods": rows}, settings, whole=not left_out)


def attempt(job: Job, name: str) -> Figures:
    """The figures of one method, or why there are none."""
    try:
        with exact():
            return compare(job, name)
    except NotRunError as error:
        return {"not_run": str(error)}
    except Exception as error:  # whatever one method does wrong, the others are still to be tried
        sentence = str(error) if isinstance(error, EdganError) else f"{type(error).__name__}: {error}"
        return {"error": sentence, "traceback": trace()}


def compare(job: Job, name: str) -> Figures:
    """The device against the CPU, beside the CPU's float32 against its float64; and bfloat16 against float32."""
    cpu = course(job, name, CPU, "float32")
    here = course(job, name, job.device, "float32")
    double = course(job, name, CPU, "float64")
    half = course(job, name, job.device, "bfloat16")
    return {
        "device_against_cpu": differences(here, cpu),
        "cpu_float32_against_float64": differences(cpu, double),
        "bfloat16_against_float32": {
            "finite": all(torch.isfinite(torch.tensor(list(step.values()))).all().item() for step in half.losses),
            **loss_differences(half, here),
        },
    }


def course(job: Job, name: str, device: torch.device, precision: str) -> Course:
    """A method's steps, shared out over its stages."""
    sized = Sized(name, side=SIDE, batch=TOY_BATCH if job.toy else BATCH, images=IMAGES)
    training = trainer(sized, device, precision, job.scratch, {"log_every": 1})
    _without_dropout(training.networks)
    start = weights_of(training)
    stages, losses = training.method.plan.stages, []
    steps = -(-(TOY_STEPS if job.toy else STEPS) // len(stages))
    begin = 0
    for stage in stages:
        training.state.step = begin
        for _ in range(min(steps, stage.steps or steps)):
            result = training.advance()
            if result is None:
                raise EdganError(f"{name} in {precision} on {device}: a step failed and was rolled back.")
            losses.append(result)
        begin += stage.steps or 0
    return Course(losses, start, weights_of(training))


def weights_of(training: Trainer) -> dict[str, Tensor]:
    """All parameters, "network/name", in float64 on the CPU."""
    return {
        f"{network}/{name}": value.detach().double().cpu().clone()
        for network, module in training.networks.items()
        for name, value in module.named_parameters()
    }


def differences(one: Course, other: Course) -> Figures:
    """Of weights and of losses; `other` is the measure."""
    networks = sorted({name.partition("/")[0] for name in other.end})
    apart = {n: distance(one.end, other.end, n) for n in networks}
    size = {n: distance({}, other.end, n) for n in networks}
    way = {n: distance(other.start, other.end, n) for n in networks}
    return {
        "weights": max(apart[n] / max(size[n], SMALLEST) for n in networks),
        "moved": max(apart[n] / way[n] for n in networks if way[n] > SMALLEST),
        "network": max(networks, key=lambda n: apart[n] / max(size[n], SMALLEST)),
        **loss_differences(one, other),
    }


def loss_differences(one: Course, other: Course) -> Figures:
    """Largest relative differences of the losses: over all steps, and at the first."""
    steps = [
        max(abs(a.get(term, float("nan")) - value) / max(abs(value), 0.01) for term, value in b.items())
        for a, b in zip(one.losses, other.losses, strict=True)
    ]
    return {"losses": max(steps), "first_losses": steps[0]}


def distance(one: Mapping[str, Tensor], other: Mapping[str, Tensor], network: str) -> float:
    """The Euclidean distance of two sets of weights of a network; what `one` lacks counts as 0."""
    squares = [
        (value - one[name] if name in one else value).square().sum()
        for name, value in other.items()
        if name.partition("/")[0] == network
    ]
    return float(torch.stack(squares).sum().sqrt()) if squares else 0.0


def _without_dropout(networks: Mapping[str, nn.Module]) -> None:
    for network in networks.values():
        for module in network.modules():
            if isinstance(module, nn.Dropout):
                module.p = 0.0


def _in_words(row: Mapping[str, Any]) -> str:
    if "device_against_cpu" not in row:
        return row.get("error") or row["not_run"]
    here, usual = row["device_against_cpu"], row["cpu_float32_against_float64"]
    half = row["bfloat16_against_float32"]
    return (
        f"weights differ by {here['weights']:.1e} (float32 from float64: {usual['weights']:.1e}), losses by "
        f"{here['losses']:.1e} ({usual['losses']:.1e}), those of bfloat16 by {half['losses']:.1e}"
    )
