"""How fast every method steps, compared with the machine's own matrix rate."""

from __future__ import annotations

import gc
import math
import statistics
import time
from collections import Counter
from collections.abc import Callable, Mapping
from functools import partial

import torch

from benchmarks.cuda_parts.job import Figures, Job, NotRunError, Outcome
from benchmarks.cuda_parts.numerics import matrix_rate, synchronise, tuned
from benchmarks.cuda_parts.record import trace
from benchmarks.cuda_parts.trainers import Sized, trainer
from edgan.config import configure
from edgan.errors import EdganError
from edgan.methods import PAGES
from edgan.routing import Plan
from edgan.routing.captured import WARM_STEPS
from edgan.routing.inspect import cost_of_step, meta_inputs, on_meta
from edgan.routing.kept import kept_taps
from edgan.training.loop import Trainer

PRECISIONS = {"float32": torch.float32, "bfloat16": torch.bfloat16}
PAIR_SIDES = {"paper": 256}
PAIR_SIDE, TOY_SIDE, TOY_BATCH = 128, 32, 2
ROUNDS, BLOCK_SECONDS = 3, 0.25
SECONDS_A_METHOD = 10.0


def steps_of_paper(job: Job) -> Outcome:
    """The step table at the preset `paper`."""
    return table(job, "paper")


def steps_of_default(job: Job) -> Outcome:
    """The step table at each method's default preset."""
    return table(job, None)


def table(job: Job, preset: str | None) -> Outcome:
    """A row for each method and precision; a method that fails is recorded with its reason."""
    rows: Figures = {name: row for name, row in job.before.get("methods", {}).items() if "error" not in row}
    left_out = []
    for name in PAGES:
        if name in rows:
            continue
        if job.left < (0.0 if job.toy else SECONDS_A_METHOD):
            left_out.append(name)
            continue
        rows[name] = attempt(job, name, preset)
        job.keep({"methods": rows})
        job.say(_in_words(name, rows[name]))
    settings = {
        "preset": preset or "the default",
        "tf32": False,
        "stage": "the last of each method's stages",
        "flops": "matrix products and convolutions of a step as torch counts them, lazy terms and phases at their "
        "mean, without frozen networks whose values are kept for each image",
        "time": f"median of {ROUNDS} blocks of steps, float32 and bfloat16 and matrix products in turn",
        "peak_mib": "largest memory that torch held for this training alone",
        "wait": "batches are read and moved to the device within the step",
    }
    failed = [name for name, row in rows.items() if "error" in row]
    return Outcome({"failed": failed, "left_out": left_out, "methods": rows}, settings, whole=not left_out)


def attempt(job: Job, name: str, preset: str | None) -> Figures:
    """The figures of one method in both precisions, or why there are none."""
    try:
        with tuned(tf32=False):
            return measure(job, name, preset)
    except NotRunError as error:
        return {"not_run": str(error)}
    except Exception as error:  # whatever one method does wrong, the others are still to be measured
        sentence = str(error) if isinstance(error, EdganError) else f"{type(error).__name__}: {error}"
        return {"error": sentence, "traceback": trace()}


def sized(job: Job, name: str, preset: str | None) -> Sized:
    """A method at the size and batch of its preset; pairs at 256 px in the papers, at 128 px otherwise."""
    configuration = configure(name, preset) if PAGES[name].origin is None else configure("dcgan")
    pairs = "source" in PAGES[name].needs
    side = PAIR_SIDES.get(preset or "", PAIR_SIDE) if pairs else configuration.size
    if job.toy:
        return Sized(name, preset, TOY_SIDE, TOY_BATCH, 24)
    return Sized(name, preset, side, images=32 if pairs else 160)


def measure(job: Job, name: str, preset: str | None) -> Figures:
    """Blocks of steps in both precisions and matrix products take turns, so that all meet the same machine."""
    spec, device = sized(job, name, preset), job.device
    trainings: dict[str, Trainer] = {}
    peaks: dict[str, float | None] = {}
    for precision in PRECISIONS:
        held = _reset_peak(device)
        trainings[precision] = at_last_stage(trainer(spec, device, precision, job.scratch))
        for _ in range(1 if job.toy else warm_steps(period_of(trainings[precision].method.plan))):
            advance(trainings[precision])
        synchronise(device)
        peaks[precision] = (torch.cuda.max_memory_allocated(device) - held) / 2**20 if device.type == "cuda" else None
    training = trainings["float32"]
    period = period_of(training.method.plan)
    flops = flops_of_step(training, period)
    times: dict[str, list[float]] = {precision: [] for precision in PRECISIONS}
    rates: dict[str, list[float]] = {precision: [] for precision in PRECISIONS}
    for _ in range(1 if job.toy else ROUNDS):
        for precision, dtype in PRECISIONS.items():
            step = partial(advance, trainings[precision])
            times[precision].append(block(step, device, period, 0.0 if job.toy else BLOCK_SECONDS))
            rates[precision].append(matrix_rate(device, dtype, 0.0 if job.toy else 0.05))
    configuration = training.configuration
    rows: Figures = {"side": configuration.size, "batch": configuration.batch, "gflop_step": flops / 1e9}
    for precision in PRECISIONS:
        seconds, rate = statistics.median(times[precision]), statistics.median(rates[precision])
        rows[precision] = {
            "ms_step": 1000 * seconds,
            "images_s": configuration.batch / seconds,
            "gflop_s": flops / seconds / 1e9,
            "matrix_gflop_s": rate,
            "ratio": flops / seconds / 1e9 / rate,
            "peak_mib": peaks[precision],
        }
    return rows


def at_last_stage(training: Trainer) -> Trainer:
    """The training as if the stages before its last had been done: that is where it spends its time."""
    training.state.step = sum(stage.steps or 0 for stage in training.method.plan.stages[:-1])
    return training


def warm_steps(period: int) -> int:
    """Steps that are not timed: until each kind of step was recorded as a CUDA graph."""
    return (WARM_STEPS + 1) * period + 1


def block(step: Callable[[], object], device: torch.device, period: int, seconds: float) -> float:
    """Seconds a step over whole periods of steps, as many as fill the time given.

    The host waits for the device before the block and after it, and not between: a training does not either.
    """

    def spent(periods: int) -> float:
        synchronise(device)
        start = time.perf_counter()
        for _ in range(periods * period):
            step()
        synchronise(device)
        return time.perf_counter() - start

    first = spent(1)
    if first >= seconds:
        return first / period
    periods = math.ceil(seconds / first)
    return spent(periods) / (periods * period)


def advance(training: Trainer) -> None:
    """One step of a training, which must not fail."""
    if training.advance() is None:
        raise EdganError(f"{training.configuration.method}: a step failed and was rolled back.")


def turns_of(plan: Plan) -> list[int]:
    """How many steps lie between two turns of each lazy term and phase of the last stage."""
    return [term.every for term in plan.table.terms] + [phase.every for phase in plan.stages[-1].phases]


def period_of(plan: Plan) -> int:
    """Steps after which everything lazy has had its turns."""
    return math.lcm(*turns_of(plan))


def flops_of_step(training: Trainer, period: int, plan: Plan | None = None) -> float:
    """Mean FLOPs of a step of the last stage. Steps at which the same is due cost the same and are counted once.

    Args:
        training: whose networks.
        period: from `period_of`.
        plan: the training's unless given.
    """
    plan = plan or training.method.plan
    last, turns = len(plan.stages) - 1, turns_of(plan)
    meta, fields = on_meta(training.networks), meta_inputs(training.feed.inputs(0).fields)
    due = Counter(tuple(step % turn == 0 for turn in turns) for step in range(period))
    kept = kept_networks(plan) if training.feed.source() is not None else set()
    total, known = 0.0, dict[tuple[bool, ...], float]()
    for step in range(period):
        key = tuple(step % turn == 0 for turn in turns)
        if key not in known:
            known[key] = _counted(cost_of_step(plan, meta, fields, last, step).flops, kept)
            total += known[key] * due[key]
    return total / period


def _counted(flops: Mapping[str, int], kept: set[str]) -> float:
    return float(sum(count for network, count in flops.items() if network not in kept))


def kept_networks(plan: Plan) -> set[str]:
    """Frozen networks that the last stage need not call: all that they say is kept for each image."""
    taps = kept_taps(plan, len(plan.stages) - 1)
    behind = {network for tap in taps for network in plan.networks_behind(tap)}
    called = {
        tap.network for tap in plan.taps if tap.network and not any(_reads(plan, kept, tap.name) for kept in taps)
    }
    return behind - called


def _reads(plan: Plan, tap: str, name: str) -> bool:
    return name in plan.needed([tap])


def _reset_peak(device: torch.device) -> int:
    """Forget the largest use of memory so far, and say how much is in use."""
    if device.type != "cuda":
        return 0
    gc.collect()  # what went before may hold itself in circles
    torch.cuda.empty_cache()
    torch.cuda.reset_peak_memory_stats(device)
    return torch.cuda.memory_allocated(device)


def _in_words(name: str, row: Figures) -> str:
    if "float32" not in row:
        return f"{name}: {row.get('error') or row['not_run']}"
    each = (
        f"{precision} {row[precision]['ms_step']:.2f} ms, {row[precision]['images_s']:.0f} images/s, "
        f"{row[precision]['ratio']:.3f} of the matrix rate"
        for precision in PRECISIONS
    )
    return f"{name} at {row['side']} px, batch {row['batch']}, {row['gflop_step']:.1f} GFLOP: {'; '.join(each)}"
