"""The training loop: step, average, log, look, save; and stop or go back where it must."""

from __future__ import annotations

import io
import math
import shlex
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from edgan.config import Configuration
from edgan.data import Dataset
from edgan.errors import EdganError
from edgan.methods import Method, Shape
from edgan.models.evaluation import held_out
from edgan.models.inputs import fixed_inputs, split_inputs, watched_split
from edgan.models.model import Model
from edgan.models.preview import rows
from edgan.models.sheet import sheet
from edgan.routing import Executor, NonFiniteLossError
from edgan.routing.inspect import check_reach, measure, meta_inputs, on_meta
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.storage.weights import load_networks, non_finite
from edgan.training import distributed, health
from edgan.training.allocator import keep_freed_memory
from edgan.training.ema import Average
from edgan.training.feed import Feed
from edgan.training.optimisers import optimisers_of, set_rates
from edgan.training.state import restore, snapshot
from edgan.training.stopping import StopSignals

PREVIEWED = 8
MEASURED = 16
"""Gradients are measured on so many images at most, and on no more than a step has: a pass for each term costs."""


@dataclass(frozen=True)
class Progress:
    """What a training tells whoever watches, after every step.

    Attributes:
        step, steps: done and in all.
        losses: the terms' values.
        rate: images a second since the start of this process.
        held_out: held-out figures when they were just taken.
        findings: health in words, with them.
    """

    step: int
    steps: int
    losses: dict[str, float]
    rate: float
    held_out: dict[str, float] | None = None
    findings: tuple[str, ...] = ()


class InterruptedTrainingError(EdganError):
    """A signal stopped the training; everything up to the last whole step is saved."""

    everywhere = True


class DivergedTrainingError(EdganError):
    """A loss or a weight is not finite, however often the training went back."""

    everywhere = True


class Trainer:
    """One training, from its first step or from a checkpoint.

    Args:
        configuration: what to train and how.
        method: built from it.
        dataset: the images.
        folder: the run's folder; run.json is there.
        world: the processes.
        watch: called after every step in the main process.
        warn: called in the main process with sentences that a person should read: a damaged checkpoint, a rollback.
        start: weights to start from, "network/name": those of all networks named there, another run's.
    """

    def __init__(
        self,
        configuration: Configuration,
        method: Method,
        dataset: Dataset,
        folder: RunFolder,
        world: distributed.World,
        watch: Callable[[Progress], None] = lambda _: None,
        warn: Callable[[str], None] = lambda _: None,
        start: Mapping[str, Tensor] | None = None,
    ) -> None:
        self.configuration, self.method, self.dataset = configuration, method, dataset
        self.folder, self.world, self.watch = folder, world, watch
        self.warn = warn if world.is_main else lambda _: None
        keep_freed_memory()
        torch.manual_seed(configuration.seed)
        dtype = torch.float64 if configuration.precision == "float64" else torch.float32
        self.networks: Mapping[str, nn.Module] = {
            name: network.to(world.device, dtype) for name, network in method.build().items()
        }
        begun = {name.partition("/")[0] for name in start or {}}
        load_networks({name: self.networks[name] for name in self.networks if name in begun}, start or {})
        self.optimisers: Mapping[str, torch.optim.Optimizer] = optimisers_of(configuration, self.networks)
        used = method.inference if configuration.ema else ()
        self.average = Average(self.networks, used, configuration.ema)
        averaged = self.average.networks if configuration.ema else self.networks
        self.model = Model(method, averaged, Shape.of(dataset), world.device)
        draws = max(sum(one.fresh for one in method.plan.passes(i)) for i in range(len(method.plan.stages))) + 1
        self.feed = Feed(dataset, configuration.batch, configuration.seed, world, draws, dtype, configuration.augment)
        self.executor = Executor(
            method.plan,
            self.networks,
            self.optimisers,
            synchronise=distributed.average_gradients,
            autocast=configuration.precision == "bfloat16",
            source=self.feed.source(),
        )
        self.step = self.rollbacks = 0
        self._saved: int | None = None
        self.best = float("-inf")
        self.spent = 0.0

    def check(self) -> None:
        """Every nonzero cell must be reachable, before the first step.

        Raises:
            UsageError: names the cells that are not.
        """
        example = self.feed.inputs(0)
        check_reach(self.method.plan, on_meta(self.networks), meta_inputs(example.fields))

    def resume(self) -> bool:
        """Go on from the newest whole checkpoint, where there is one."""
        found = checkpoint.newest(self.folder.checkpoints)
        if found is None:
            return False
        snapshot_, reports = found
        for report in reports:
            self.warn(report)
        restore(self, snapshot_)
        self._saved = self.step
        if self.world.is_main:
            self.folder.truncate_log(self.step)
            self.spent = self.folder.seconds()
        return True

    def run(self) -> None:
        """Train to the last step.

        Raises:
            InterruptedTrainingError: SIGINT or SIGTERM came; the step was finished and saved.
            DivergedTrainingError: a loss stayed non-finite after the allowed rollbacks.
            EdganError: the disk refused a checkpoint.
        """
        steps = self.configuration.steps
        self._tell_of_batch_norm()
        if self.step == 0:
            self._save()
        started, first, before = time.monotonic(), self.step, self.spent
        with StopSignals() as signals:
            while self.step < steps:
                losses = self.advance()
                if losses is None:
                    continue
                elapsed = time.monotonic() - started
                self.spent = before + elapsed
                self._after_step(losses, (self.step - first) * self.configuration.batch / elapsed)
                if distributed.any_true(signals.asked) and self.step < steps:
                    self._save()
                    raise InterruptedTrainingError(self._how_to_go_on())

    def _tell_of_batch_norm(self) -> None:
        """Batch statistics are the one thing that several processes compute otherwise than one alone."""
        alone = self.world.size == 1
        names = [name for name, net in self.networks.items() if any(isinstance(m, _BatchNorm) for m in net.modules())]
        if names and not alone:
            share = self.configuration.batch // self.world.size
            self.warn(
                f"Batch norm in {', '.join(names)} sees the {share} images of one process at a time and not the batch "
                f"of {self.configuration.batch}, so the weights will differ from those of a single process."
            )

    def _how_to_go_on(self) -> str:
        data, out = str(self.dataset.path), str(self.folder.path)
        command = ["edgan", "train", self.configuration.method, "--data", data, "--out", out, "--resume"]
        done = f"Stopped after step {self.step} of {self.configuration.steps}; everything is saved."
        return f"{done} Go on with: {shlex.join(command)}"

    def advance(self) -> dict[str, float] | None:
        """One step of the plan; None where it failed and the training went back to its last checkpoint."""
        stage, within = self.method.plan.stage_at(self.step)
        set_rates(self.configuration, self.optimisers, within)
        try:
            result = self.executor.step(
                stage, within, lambda draw: self.feed.inputs(self.step, draw, shuffle=self.rollbacks)
            )
        except NonFiniteLossError as error:
            self._roll_back(str(error))
            return None
        self.step += 1
        self.average.update(self.step)
        return result.losses

    def _roll_back(self, trouble: str) -> None:
        at, rollbacks = self.step, self.rollbacks
        if rollbacks >= self.configuration.rollbacks:
            raise DivergedTrainingError(
                f"Training stopped at step {at}: {trouble}, after {rollbacks} rollbacks. What was saved before is in "
                f"{self.folder.checkpoints}. Train anew with a lower optimiser.lr; edgan explain --measure shows what "
                "each loss gives."
            )
        if not self.resume():
            raise DivergedTrainingError(
                f"Training stopped at step {at}: {trouble}, and there is no checkpoint to go back to."
            )
        self.rollbacks = rollbacks + 1
        self.warn(f"At step {at} {trouble}. Went back to step {self.step} and go on with another sample order.")

    def _after_step(self, losses: dict[str, float], rate: float) -> None:
        settings, last = self.configuration, self.step == self.configuration.steps
        held: dict[str, float] | None = None
        findings: list[str] = []
        if self.world.is_main:
            if self.step % settings.log_every == 0 or last:
                self.folder.append_log(self.step, {"losses": losses, "seconds": round(self.spent, 3)})
            if self.step % settings.evaluate_every == 0 or last:
                held, findings = self._look()
            if self.step % settings.preview_every == 0 or last:
                self._preview()
            self.watch(Progress(self.step, settings.steps, losses, rate, held, tuple(findings)))
        if self.step % settings.checkpoint_every == 0 or last:
            self._save(held)

    def _look(self) -> tuple[dict[str, float], list[str]]:
        """Held-out figures, gradient norms by cell and health, into the log."""
        held = held_out(self.model, self.networks, self.dataset)
        findings = health.diagnose(held, "residual" in self.method.plan.tap)
        count = min(MEASURED, self.configuration.batch)
        inputs = fixed_inputs(self.dataset, "train", count, self.world.device, self.configuration.seed, self.feed.dtype)
        stage, within = self.method.plan.stage_at(self.step - 1)
        norms = measure(self.method.plan, self.networks, lambda _: inputs, stage, self._all_due(stage, within))
        gradients = {f"{term}.{network}": norm for (term, network), norm in norms.items() if norm}
        self.folder.append_log(self.step, {"held_out": held, "gradients": gradients, "health": findings})
        return held, findings

    def _all_due(self, stage: int, within: int) -> int:
        """The latest step up to this one at which every lazy term and every phase of the stage has its turn."""
        plan = self.method.plan
        turns = [term.every for term in plan.table.terms] + [phase.every for phase in plan.stages[stage].phases]
        return within - within % math.lcm(*turns)

    def _preview(self) -> None:
        split = watched_split(self.dataset)
        fields = split_inputs(self.dataset, split, PREVIEWED, self.world.device).fields
        page = io.BytesIO()
        sheet(list(rows(self.model, fields).values()), scale=2).save(page, "png")
        self.folder.write_preview(self.step, page.getvalue())

    def _save(self, held: dict[str, float] | None = None) -> None:
        """Save a checkpoint, unless this step has one; the best has the highest held-out SSIM of the output.

        A step whose losses were finite can still have left weights that are not: these must not replace good ones.
        """
        if self._saved == self.step:
            return
        broken = non_finite(self.networks)
        if distributed.any_true(broken is not None):
            self._roll_back(f"the weights {broken or 'in another process'} are not finite")
            return
        score = (held or {}).get("ssim_output", float("-inf"))
        best = score > self.best
        self.best = max(self.best, score)
        if self.world.is_main:
            self.folder.sync_log()
            checkpoint.save(self.folder.checkpoints, snapshot(self), best=best)
        self._saved = self.step
        distributed.barrier()
