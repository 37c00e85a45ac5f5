"""The training loop: step, average, log, evaluate, save; and stop or roll back when it must."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping

import torch
from torch import nn

from edgan.config import Configuration
from edgan.data import Dataset
from edgan.errors import EdganError, counted
from edgan.methods import Method, Shape, find
from edgan.methods.frozen_columns import refuse_unknown_layers
from edgan.models.device import resolve_precision
from edgan.models.model import Model
from edgan.models.weight_transfer import NOTHING, Transfer
from edgan.routing import Executor, NonFiniteLossError
from edgan.routing.inspect import check_reach, meta_inputs, on_meta
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.storage.weights import non_finite
from edgan.training import distributed
from edgan.training.allocator import keep_freed_memory
from edgan.training.compiling import compile_networks
from edgan.training.ema import Average
from edgan.training.ending import DivergedTrainingError, InterruptedTrainingError
from edgan.training.feed import Feed
from edgan.training.graphs import captured
from edgan.training.observation import Observer
from edgan.training.optimisers import optimisers_of, set_rates
from edgan.training.progress import Pace, Progress, due
from edgan.training.scoring import best_so_far, out_of_patience, score_of
from edgan.training.state import TrainingState
from edgan.training.stopping import StopSignals
from edgan.training.synced_batch_norm import synced
from edgan.training.unread import UnreadLosses


class Trainer:
    """One training, from its first step or from a checkpoint.

    Args:
        configuration: what to train and how.
        method: built from it.
        dataset: the images.
        folder: the run's folder, which holds run.json.
        world: the processes.
        watch: called after every step in the main process.
        warn: called in the main process with sentences for the user: a damaged checkpoint, a rollback.
        start: weights of another run to start from.
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
        start: Transfer = NOTHING,
    ) -> None:
        self.configuration, self.method, self.dataset = configuration, method, dataset
        self.folder, self.world, self.watch = folder, world, watch
        self.warn = warn if world.is_main else lambda _: None
        keep_freed_memory()
        torch.manual_seed(configuration.seed)
        precision = resolve_precision(configuration.precision, world.device)
        dtype = torch.float64 if precision == "float64" else torch.float32
        built = method.build().items()
        self.networks: Mapping[str, nn.Module] = {name: network.to(world.device, dtype) for name, network in built}
        start.apply(self.networks)
        refuse_unknown_layers(method.plan.fixed_layers, self.networks)
        average = Average(self.networks, method.inference if configuration.ema else (), configuration.ema)
        self.score = score_of(method, dataset)
        self.state = TrainingState(
            self.networks, optimisers_of(configuration, method.plan, self.networks), average, score=self.score.name
        )
        used = average.networks if configuration.ema else self.networks
        self.model = Model(method, used, Shape.of(dataset), world.device)
        settings, plan = configuration, method.plan
        draws, least = plan.most_draws, find(settings.method).smallest_batch(settings.settings)
        reads = plan.steps_of_terms_that_read("attributes")
        self.feed = Feed(dataset, settings.batch, settings.seed, world, draws, dtype, settings.augment, least, reads)
        self.executor = Executor(
            method.plan,
            synced(self.networks),
            self.state.optimisers,
            synchronise=distributed.average_gradients,
            autocast=precision == "bfloat16",
            source=self.feed.source(),
        )
        if configuration.compile:
            compile_networks(self.networks, method.plan)
        self.captured = captured(self.executor, configuration, world, self.warn)
        self.observer = Observer(configuration, self.networks, self.model, dataset, folder, dtype, self.score, world)
        self._unread = UnreadLosses(world.device)
        self._saved: int | None = None
        self.stopped_early = False

    @property
    def step(self) -> int:
        """How many steps were done."""
        return self.state.step

    @property
    def rollbacks(self) -> int:
        """How often the training went back to a checkpoint."""
        return self.state.rollbacks

    def check(self) -> None:
        """Check before the first step that a gradient reaches every nonzero cell.

        Raises:
            UsageError: names the cells that none reaches.
        """
        check_reach(self.method.plan, on_meta(self.networks), meta_inputs(self.feed.inputs(0).fields))

    def resume(self) -> bool:
        """Continue from the newest undamaged checkpoint; False if there is no checkpoint.

        Raises:
            EdganError: every checkpoint is damaged, or was written with other optimisers.
        """
        newest = checkpoint.newest(self.folder.checkpoints)
        if newest is None:
            return False
        saved, reports = newest
        for report in reports:
            self.warn(report)
        self.state.restore(saved)
        if self.captured is not None:
            self.captured.forget()
        self._saved = self.step
        if self.world.is_main:
            self.folder.truncate_log(self.step)
            self.state.spent = self.folder.seconds()
        return True

    def begin(self) -> None:
        """Save what the training starts from, before its first step.

        Raises:
            EdganError: it could not be written, or the weights that it starts from are not finite.
        """
        broken = non_finite(self.networks)
        if broken is not None:
            raise EdganError(f"The training cannot start: {broken} holds NaN or infinity in the run it starts from.")
        self._save()

    def run(self) -> None:
        """Train to the last step, or until the score has not improved for `patience` evaluations.

        Raises:
            InterruptedTrainingError: SIGINT or SIGTERM arrived; the step was finished and saved.
            DivergedTrainingError: a loss or a weight was still not finite after the allowed rollbacks.
            KeyboardInterrupt: a second SIGINT arrived before the step was finished; nothing more was saved.
            EdganError: a checkpoint could not be written.
        """
        steps = self.configuration.steps
        if self.score.note:
            self.warn(self.score.note)
        started, first, before = time.monotonic(), self.step, self.state.spent
        with StopSignals() as signals:
            try:
                while self.step < steps and not self.stopped_early:
                    losses = self.advance()
                    if losses is None:
                        continue
                    elapsed = time.monotonic() - started
                    self.state.spent = before + elapsed
                    self._after_step(losses, Pace(self.step - first, elapsed))
                    if self._asked_to_stop(signals) and self.step < steps and not self.stopped_early:
                        if self._saved != self.step and not self._rolled_back(looks=False):
                            self._save()
                        raise InterruptedTrainingError(
                            f"Stopped after step {self.step} of {steps}; everything is saved. {self._how_to_resume()}"
                        )
            except KeyboardInterrupt:
                raise KeyboardInterrupt(
                    f"Stopped at once at step {self.step} of {steps}; what came after the checkpoint of step "
                    f"{self._saved} is lost. {self._how_to_resume()}"
                ) from None

    def _asked_to_stop(self, signals: StopSignals) -> bool:
        """Whether a process was asked to stop. Several agree on it only where they wait for their devices anyway."""
        if self.world.size > 1 and not self._unread.all_read:
            return False
        return distributed.any_true(signals.asked)

    def _how_to_resume(self) -> str:
        places = ["--data", str(self.dataset.path), "--out", str(self.folder.path)]
        return f"Resume with: {shlex.join(['edgan', 'train', self.configuration.method, *places, '--resume'])}"

    def advance(self) -> dict[str, float] | None:
        """One step of the plan.

        Returns:
            The terms' values: on a GPU those of the last step that was read. None if the training was rolled back.
        """
        stage, within = self.method.plan.stage_at(self.step)
        self.state.begin_stage(self.method.plan.stages[stage], within)
        set_rates(self.configuration, self.method.plan, self.state.optimisers, within, stage)
        try:
            stepper = self.captured or self.executor
            result = stepper.step(
                stage, within, lambda draw: self.feed.inputs(self.step, draw, self.rollbacks), self._unread.sound
            )
            losses = self._unread.add(self.step, result, now=any(due(self.configuration, self.step + 1).values()))
        except NonFiniteLossError as error:
            self._roll_back(str(error), error.step)
            return None
        self.state.step += 1
        self.state.average.update(self.step)
        return losses

    def _roll_back(self, trouble: str, at: int | None = None) -> None:
        at, rollbacks = self.step if at is None else at, self.rollbacks
        if rollbacks >= self.configuration.rollbacks:
            raise DivergedTrainingError(
                f"Training stopped at step {at}: {trouble}, after {counted(rollbacks, 'rollback')}. "
                f"Earlier checkpoints are in {self.folder.checkpoints}. Start a new run with a lower "
                "optimiser.lr; edgan explain --measure shows the gradient of each loss."
            )
        if not self.resume():
            raise DivergedTrainingError(
                f"Training stopped at step {at}: {trouble}, and there is no checkpoint to go back to."
            )
        self._unread.forget()
        self.state.rollbacks = rollbacks + 1
        self.warn(f"At step {at} {trouble}. Training went back to step {self.step} and continues in another order.")

    def _after_step(self, losses: dict[str, float], pace: Pace) -> None:
        """Log, look and save where this step is due for it, unless the weights or the pictures are not finite."""
        settings, last = self.configuration, self.step == self.configuration.steps
        now = due(settings, self.step)
        looks = now["evaluate"] or now["preview"]
        if (looks or now["checkpoint"]) and self._rolled_back(looks):
            return
        held: dict[str, float] | None = None
        findings, best, better = list[str](), "", False
        if self.world.is_main and now["log"]:
            self.folder.append_log(self.step, {"losses": losses, "seconds": round(self.state.spent, 3)})
        if now["evaluate"]:
            held, findings = self.observer.evaluate(self.step)
        if self.world.is_main:
            if held is not None:
                better = self.state.judge(self.score.of(held), self.step >= self.method.plan.least_steps)
                best = best_so_far(self.score, self.state)
            if now["preview"]:
                self.observer.preview(self.step)
            told = held, tuple(findings), best, pace.seconds(settings.steps - self.step)
            self.watch(Progress(self.step, settings.steps, losses, pace.rate(settings.batch), *told))
        if now["evaluate"]:
            better = distributed.any_true(better)
            ends = self.world.is_main and not last and out_of_patience(self.state, settings.patience)
            self.stopped_early = distributed.any_true(ends)
        if self.stopped_early:
            self.warn(
                f"Stopped at step {self.step:,} of {settings.steps:,}: no better score in "
                f"{counted(settings.patience, 'evaluation')}; {best}. {self._how_to_resume()}"
            )
        if now["checkpoint"] or better or self.stopped_early:
            self._save(better)

    def _rolled_back(self, looks: bool) -> bool:
        """Go back if a loss was not finite, a weight (which finite losses can cause), or a pixel of the pictures."""
        try:
            self._unread.read()
        except NonFiniteLossError as error:
            self._roll_back(str(error), error.step)
            return True
        broken = non_finite(self.networks) or non_finite(self.state.average.networks)
        trouble = None if broken is None else f"the weights {broken} are not finite"
        if trouble is None and looks and self.world.is_main:
            trouble = self.observer.trouble()
        if not distributed.any_true(trouble is not None):
            return False
        self._roll_back(trouble or "weights or pictures in another process are not finite")
        return True

    def _save(self, best: bool = False) -> None:
        """Save a checkpoint, unless this step has one. The weights are finite.

        Args:
            best: whether its evaluation has the highest score so far.
        """
        if self._saved == self.step:
            return
        if self.world.is_main:
            self.folder.sync_log()
            saved = self.state.snapshot(self.method.plan.table, self.dataset.key)
            checkpoint.save(self.folder.checkpoints, saved, best=best)
        self._saved = self.step
        distributed.barrier()
