"""Trains within a part's time limit and writes the results: held-out figures, a sheet, and the weights."""

from __future__ import annotations

import shutil
import signal
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import edgan
from benchmarks.cuda_parts.job import Figures, Job, NotRunError
from benchmarks.cuda_parts.numerics import tuned
from benchmarks.cuda_parts.sheets import write_sheets
from edgan.config import configure
from edgan.models.stored_run import stored_configuration
from edgan.storage.run_folder import RunFolder
from edgan.training.ending import InterruptedTrainingError
from edgan.training.progress import Progress

LOGGED, LOOKS = 200, 6
RARELY = 1_000_000
PROBED, PROBE_WARM, PROBE_SHARE = 70, 30, 0.15
"""Steps of a probe, those that are not timed, and the share of the time that it may take at most."""
TOY_STEPS = 4
SHARE_TO_TRAIN = 0.85
"""Of a probed rate: the steps are chosen so that they end before the time does."""


@dataclass(frozen=True)
class Recipe:
    """One training.

    Attributes:
        method: its name.
        size: side of the pictures in pixels.
        steps: maximum number of steps.
        preset: None is the method's default.
        batch: images a step; None is the preset's.
        settings: dotted settings that differ from the preset.
        least: the fewest steps with which its last stage begins.
        probe: settings of the short training that measures the rate: its first stages must be short too.
        toy: settings of a rehearsal, besides `steps` and `batch`.
    """

    method: str
    size: int
    steps: int
    preset: str | None = None
    batch: int | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)
    least: int = 300
    probe: Mapping[str, Any] = field(default_factory=dict)
    toy: Mapping[str, Any] = field(default_factory=dict)

    @property
    def falls_to_zero(self) -> bool:
        """Whether a learning rate falls to 0 by the last step, so that stopping earlier spoils the result."""
        rates_alone = {name: value for name, value in self.settings.items() if name.startswith("optimiser")}
        configuration = configure(self.method, self.preset, rates_alone)
        rates = [configuration.optimiser, *configuration.optimisers.values()]
        return any(rate.linear_from < 1 for rate in rates)

    def call(self, job: Job, steps: int) -> dict[str, Any]:
        """Keywords of `edgan.train`."""
        settings = {
            "log_every": max(1, steps // LOGGED),
            "evaluate_every": steps if job.toy else max(1, steps // LOOKS),
            "preview_every": RARELY,
            "checkpoint_every": RARELY,
            **self.settings,
            **(self.toy if job.toy else {}),
        }
        size, batch = (self.size, self.batch) if not job.toy else (32, 4)
        given = {"size": size, "batch": batch, "steps": steps, "preset": self.preset}
        return {**given, "device": str(job.device), "seed": 0, "set": settings, "report": False}


@dataclass(frozen=True)
class Trained:
    """A run that was trained within its time: its folder, how it was called, and what its log says."""

    path: Path
    call: Mapping[str, Any]
    figures: Figures


def train(job: Job, recipe: Recipe, data: Path, name: str, until: float) -> Trained:
    """Train until a recipe's steps are done or the time is over; either way the last step is saved.

    Args:
        job: the part.
        recipe: what to train.
        data: the folder of the set.
        name: of the run's folder in the scratch.
        until: when training must end, by `time.monotonic`.

    Raises:
        KeyboardInterrupt: a person stopped the call.
        EdganError: the training failed.
    """
    steps = TOY_STEPS if job.toy else recipe.steps
    if recipe.falls_to_zero:
        steps = min(steps, _steps_in(job, recipe, data, name, until))
    call = recipe.call(job, steps)
    path = job.scratch / "runs" / job.part.name / name
    deadline = _Deadline(until)
    start = time.monotonic()
    _train_until(deadline, recipe.method, data, path, call)
    seconds = time.monotonic() - start
    figures = {
        "steps": deadline.step,
        "steps_asked": steps,
        "stopped_by": "time" if deadline.asked else "steps",
        "train_seconds": seconds,
        "images_s": deadline.rate,
        "losses": deadline.losses,
        "validation": deadline.held_out,
    }
    job.say(f"{name}: {deadline.step} of {steps} steps in {seconds:.0f} s, {deadline.rate:.0f} images/s")
    return Trained(path, call, figures)


class _Deadline:
    """Watches a training; when its time is over, asks it to stop as Ctrl-C does, so that it saves its last step."""

    def __init__(self, until: float) -> None:
        self.until = until
        self.asked = False
        self.step, self.rate = 0, 0.0
        self.losses: dict[str, float] = {}
        self.held_out: dict[str, float] | None = None

    def __call__(self, progress: Progress) -> None:
        self.step, self.rate, self.losses = progress.step, progress.rate, progress.losses
        self.held_out = progress.held_out or self.held_out
        if not self.asked and time.monotonic() > self.until and progress.step < progress.steps:
            self.asked = True
            signal.raise_signal(signal.SIGINT)


class _Clock(_Deadline):
    """Seconds a step as well, without the first `warm` ones, in which everything is slower, where there are more."""

    def __init__(self, until: float, warm: int) -> None:
        super().__init__(until)
        self.warm = warm
        self.marks = [time.monotonic()]

    def __call__(self, progress: Progress) -> None:
        if progress.step < progress.steps or len(self.marks) == 1:  # the last step also evaluates
            self.marks.append(time.monotonic())
        super().__call__(progress)

    @property
    def step_seconds(self) -> float:
        skipped = min(self.warm, len(self.marks) - 2)
        return (self.marks[-1] - self.marks[skipped]) / (len(self.marks) - 1 - skipped)


def _steps_in(job: Job, recipe: Recipe, data: Path, name: str, until: float) -> int:
    """How many steps a training has time for, from the rate of a short one that is thrown away."""
    path = job.scratch / "runs" / job.part.name / f"{name}-probe"
    call = recipe.call(job, TOY_STEPS if job.toy else PROBED)
    call["set"] = {**call["set"], "evaluate_every": RARELY, **({} if job.toy else recipe.probe)}
    now = time.monotonic()
    clock = _Clock(now + PROBE_SHARE * (until - now), 1 if job.toy else PROBE_WARM)
    _train_until(clock, recipe.method, data, path, call)
    steps = int(SHARE_TO_TRAIN * (until - time.monotonic()) / clock.step_seconds)
    if steps < recipe.least and not job.toy:
        raise NotRunError(
            f"{name} needs at least {recipe.least} steps to be worth a picture, and at {clock.step_seconds:.2f} s a "
            f"step there is time for {max(steps, 0)}. Run fewer parts at once."
        )
    return max(steps, TOY_STEPS if job.toy else 1)


def _train_until(deadline: _Deadline, method: str, data: Path, path: Path, call: Mapping[str, Any]) -> None:
    """A new run at the path, until its steps are done or the deadline asks it to stop.

    Raises:
        KeyboardInterrupt: a person stopped it.
    """
    shutil.rmtree(path, ignore_errors=True)
    with tuned(tf32=True):
        try:
            edgan.train(method, data, path, **call, watch=deadline)
        except InterruptedTrainingError as error:
            if not deadline.asked:
                raise KeyboardInterrupt from error


def report(job: Job, trained: Trained, data: Path, metric: str | None = "figures") -> Figures:
    """Held-out figures of a run on the test pictures; its sheets and weights go to the part's output folder.

    Args:
        job: the part.
        trained: the run.
        data: the folder of its set.
        metric: of `edgan.evaluate`; None for a model that only samples, of which the log's figures must do.
    """
    figures = dict(trained.figures)
    if metric is not None:
        judged = edgan.evaluate(trained.path, data, metric=metric, device=str(job.device))
        figures["test"] = {name: judged[name] for name in ("images", "figures", "protocol")}
    name = trained.path.name
    figures["sheets"] = [path.name for path in write_sheets(trained.path, data, job.out, name, job.device)]
    figures["weights"] = keep_weights(trained.path, job.out / name, job.weights_limit)
    return figures


def keep_weights(run: Path, target: Path, limit: int, *, inference_only: bool = False) -> str:
    """Copy a run as far as it takes to load it: everything but its older checkpoints and its optimisers' state.

    Args:
        run: its folder.
        target: of the copy, which is replaced.
        limit: bytes; a larger run is not copied.
        inference_only: where the training averaged weights, leave out the others, which only resuming reads.

    Returns:
        What was kept, in words.
    """
    newest = max((run / "checkpoints").glob("step-*"))
    small = [path for path in run.iterdir() if path.is_file()]
    left_out = ["optimisers"]
    if inference_only and stored_configuration(RunFolder.open(run).read_run(), RunFolder.open(run)).ema:
        left_out.append("networks")
    large = [path for path in newest.iterdir() if path.stem not in left_out]
    total = sum(path.stat().st_size for path in [*small, *large])
    if total > limit:
        return f"not kept: {total / 1e6:.1f} MB, and the limit is {limit / 1e6:g} MB (--weights-limit)"
    shutil.rmtree(target, ignore_errors=True)
    (target / "checkpoints" / newest.name).mkdir(parents=True)
    for path in small:
        shutil.copy2(path, target / path.name)
    for path in large:
        shutil.copy2(path, target / "checkpoints" / newest.name / path.name)
    return f"{target.name}, {total / 1e6:.1f} MB"


def settings_of(*trained: Trained) -> Figures:
    """What the runs of a part were called with, by the run's name."""
    return {run.path.name: {name: value for name, value in run.call.items() if name != "report"} for run in trained}
