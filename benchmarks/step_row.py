"""One row of the step table: a method at a preset, beside its rivals and the machine's matrix products."""

from __future__ import annotations

import resource
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from benchmarks.cuda_parts.steps import at_last_stage, flops_of_step, period_of
from benchmarks.cuda_parts.trainers import Sized, trainer
from benchmarks.rivals import plain_loop, released_loop, with_passes_apart
from benchmarks.step_kinds import shares_of
from edgan.api.machine import matrix_rate
from edgan.config import configure
from edgan.errors import EdganError
from edgan.methods import PAGES
from edgan.training.denormals import denormals_flushed
from edgan.training.loop import Trainer

PAIR_SIDE = 128
IMAGES = 64
LEAST_ROUNDS = 4
LAZY_STEPS = 3
WORK = 140e9
"""FLOPs of a step at most, where the preset's own batch would take more: the batch is then smaller."""


@dataclass(frozen=True)
class Wanted:
    """What to measure.

    Attributes:
        method, preset: of the row.
        seconds: for the rounds, a step of each rival included; at least four rounds run whatever they take.
        threads: of torch.
        scratch: for pictures.
        side: of the pictures; None is the preset's, and 128 for pairs.
        batch: None is the preset's, or the largest whose step takes at most `WORK`.
    """

    method: str
    preset: str
    seconds: float
    threads: int
    scratch: Path
    side: int | None = None
    batch: int | None = None


def measure(wanted: Wanted) -> dict[str, Any]:
    """The row's figures. Call it in a process of its own, whose peak memory is then the training's."""
    torch.set_num_threads(wanted.threads)
    with denormals_flushed():  # before torch starts the threads that share its work, as in a training
        return _measured(wanted)


def _measured(wanted: Wanted) -> dict[str, Any]:
    sized = _sized(wanted)
    before = _resident()
    training = _ready(sized, wanted.scratch)
    period = period_of(training.method.plan)
    step_of(training, 1)
    peak = _peak() - before
    apart = with_passes_apart(_ready(sized, wanted.scratch))
    rivals: dict[str, Callable[[], Any]] = {"apart": lambda: step_of(apart, 1)}
    for name, written in {"plain_loop": plain_loop, "released": released_loop}.items():
        loop = written(_ready(sized, wanted.scratch))
        if loop is not None:
            rivals[name] = loop
    clock = Clock()
    training.executor.on_pass = clock.tick
    times = _rounds(training, rivals, clock, wanted.seconds)
    usual = statistics.median(times["step"])
    step = usual if period == 1 else (usual * (period - 1) + _lazy(training)) / period
    flops = flops_of_step(training, period)
    rate, batch = statistics.median(times["matrix"]), training.configuration.batch
    row: dict[str, Any] = {
        "side": training.configuration.size,
        "batch": batch,
        "batch_of_preset": configure_batch(wanted),
        "rounds": len(times["step"]),
        "images_s": batch / step,
        "ms_step": 1000 * step,
        "ms_usual_step": [1000 * seconds for seconds in quartiles(times["step"])],
        "ms_phases": {phase: 1000 * statistics.median(values) for phase, values in clock.seconds.items()},
        "ms_data": 1000 * statistics.median(times["data"]),
        "gflop_step": flops / 1e9,
        "gflop_s": flops / step / 1e9,
        "matrix_gflop_s": rate,
        "ratio": flops / step / 1e9 / rate,
        "peak_mib": peak,
        "gflop_apart": flops_of_step(apart, period, apart.executor.plan) / 1e9,
        "shares": shares_of(lambda: step_of(training, 1)),
    }
    for name in rivals:
        # Step by step with usual steps of the same round: lazy terms are due in none of them.
        ratios = [theirs / ours for theirs, ours in zip(times[name], times["step"], strict=True)]
        row |= {f"{name}_ratio": statistics.median(ratios), f"{name}_quartiles": quartiles(ratios)}
    return row


def quartiles(values: list[float]) -> list[float]:
    """The first and the third."""
    first, _, third = statistics.quantiles(values, n=4, method="inclusive")
    return [first, third]


class Clock:
    """Seconds of each phase; those of the first include the batch's data."""

    def __init__(self) -> None:
        self.seconds: dict[str, list[float]] = {}
        self._last = time.perf_counter()
        self._step: dict[str, float] = {}

    def start(self) -> None:
        """A step begins."""
        self._last = time.perf_counter()
        self._step.clear()

    def tick(self, phases: tuple[str, ...]) -> None:
        """A pass has ended."""
        now, phase = time.perf_counter(), "+".join(phases)
        self._step[phase] = self._step.get(phase, 0.0) + now - self._last
        self._last = now

    def end(self) -> None:
        """The step has ended."""
        for phase, seconds in self._step.items():
            self.seconds.setdefault(phase, []).append(seconds)


def step_of(training: Trainer, within: int) -> None:
    """A step of the last stage, as if it were its first (0: all that is lazy is due) or its second."""
    at_last_stage(training).state.step += within
    if training.advance() is None:
        raise EdganError(f"{training.configuration.method}: a step failed and was rolled back.")


def configure_batch(wanted: Wanted) -> int:
    """Images a step in the preset."""
    page = PAGES[wanted.method]
    return configure(wanted.method, wanted.preset).batch if page.origin is None else configure("dcgan").batch


def _ready(sized: Sized, scratch: Path) -> Trainer:
    """A training that has done a step: what is built or kept at first is there."""
    training = trainer(sized, torch.device("cpu"), "float32", scratch)
    step_of(training, 1)
    return training


def _sized(wanted: Wanted) -> Sized:
    side = wanted.side or (PAIR_SIDE if "source" in PAGES[wanted.method].needs else None)
    if wanted.batch is not None:
        return Sized(wanted.method, wanted.preset, side, wanted.batch, max(IMAGES, 2 * wanted.batch))
    page = PAGES[wanted.method]
    settings = configure(wanted.method, wanted.preset).settings if page.origin is None else {}
    least = max(2, page.smallest_batch(settings))
    trial = trainer(
        Sized(wanted.method, wanted.preset, side, least, IMAGES), torch.device("cpu"), "float32", wanted.scratch
    )
    each = flops_of_step(trial, period_of(trial.method.plan)) / least
    batch = max(least, min(configure_batch(wanted), IMAGES // 2, int(WORK / each)))
    return Sized(wanted.method, wanted.preset, side, batch, IMAGES)


def _rounds(
    training: Trainer, rivals: dict[str, Callable[[], Any]], clock: Clock, seconds: float
) -> dict[str, list[float]]:
    """Seconds of steps, of their data and of rivals' steps, and GFLOP/s of matrix products, which take turns.

    A round has one of each, and the next round begins the steps with another one. The first round is not counted: the
    process then takes the memory that all of them together need, which the system gives slowly.
    """

    def own_step() -> None:
        clock.start()
        step_of(training, 1)
        clock.end()

    runners: list[tuple[str, Callable[[], Any]]] = [("step", own_step), *rivals.items()]
    times: dict[str, list[float]] = {name: [] for name in ("data", "matrix", *dict(runners))}
    for _, run in runners:
        run()
    clock.seconds.clear()
    until = time.perf_counter() + seconds
    while len(times["step"]) < LEAST_ROUNDS or time.perf_counter() < until:
        times["matrix"].append(matrix_rate(seconds=0.1))
        times["data"].append(_timed(lambda: training.feed.inputs(training.step)))
        for name, run in runners:
            times[name].append(_timed(run))
        runners.append(runners.pop(0))
    return times


def _lazy(training: Trainer) -> float:
    """Seconds of a step at which all that is lazy is due. The first one, which takes new memory, is not counted."""
    step_of(training, 0)
    return statistics.median(_timed(lambda: step_of(training, 0)) for _ in range(LAZY_STEPS))


def _timed(work: Callable[[], Any]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


def _resident() -> float:
    """The memory that this process has now, in MiB."""
    pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize() / 2**20


def _peak() -> float:
    """The largest memory that this process has had so far, in MiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
