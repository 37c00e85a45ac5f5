"""The training loop: step, average, log, evaluate, save; and stop or roll back when it must."""

from __future__ import annotations

import shlex
import time
from collections.abc import Callable, Mapping

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from edgan.config import Configuration
from edgan.data import Dataset
from edgan.errors import EdganError, counted
from edgan.methods import Method, Shape, find
from edgan.models.model import Model
from edgan.routing import Executor, NonFiniteLossError
from edgan.routing.inspect import check_reach, meta_inputs, on_meta
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.storage.weights import load_networks, non_finite
from edgan.training import distributed
from edgan.training.allocator import keep_freed_memory
from edgan.training.ema import Average
from edgan.training.feed import Feed
from edgan.training.observation import Observer
from edgan.training.optimisers import optimisers_of, set_rates
from edgan.training.progress import Progress
from edgan.training.scoring import best_so_far, out_of_patience, score_of
from edgan.training.state import TrainingState
from edgan.training.stopping import StopSignals


class InterruptedTrainingError(EdganError):
    """A signal stopped the training. Everything up to the last complete step is saved."""

    everywhere = True
    on_request = True


class DivergedTrainingError(EdganError):
    """A loss or a weight is still not finite after all rollbacks."""

    everywhere = True


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
        start: weights of another run to start from, "network/name"; all weights of each network that it names.
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
        average = Average(self.networks, method.inference if configuration.ema else (), configuration.ema)
        self.score = score_of(method, dataset)
        self.state = TrainingState(
            self.networks, optimisers_of(configuration, method.plan, self.networks), average, score=self.score.name
        )
        averaged = average.networks if configuration.ema else self.networks
        self.model = Model(method, averaged, Shape.of(dataset), world.device)
        fresh = [sum(p.fresh for p in method.plan.passes(stage)) for stage in range(len(method.plan.stages))]
        self.feed = Feed(
            dataset,
            configuration.batch,
            configuration.seed,
            world,
            max(fresh) + 1,
            dtype,
            configuration.augment,
            find(configuration.method).smallest_batch(configuration.settings),
        )
        self.executor = Executor(
            method.plan,
            self.networks,
            self.state.optimisers,
            synchronise=distributed.average_gradients,
            autocast=configuration.precision == "bfloat16",
            source=self.feed.source(),
        )
        self.observer = Observer(configuration, self.networks, self.model, dataset, folder, dtype, self.score)
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
        example = self.feed.inputs(0)
        check_reach(self.method.plan, on_meta(self.networks), meta_inputs(example.fields))

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
        self._warn_of_batch_norm()
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
                    self._after_step(losses, (self.step - first) * self.configuration.batch / elapsed)
                    if distributed.any_true(signals.asked) and self.step < steps and not self.stopped_early:
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

    def _warn_of_batch_norm(self) -> None:
        """Batch statistics are the only thing that several processes compute differently from one."""
        names = [name for name, net in self.networks.items() if any(isinstance(m, _BatchNorm) for m in net.modules())]
        if names and self.world.size > 1:
            share = self.configuration.batch // self.world.size
            self.warn(
                f"Batch norm in {', '.join(names)} normalises the {counted(share, 'image')} of each process "
                f"separately instead of the batch of {self.configuration.batch}, so "
                "the weights will differ from those of a single process."
            )

    def _how_to_resume(self) -> str:
        places = ["--data", str(self.dataset.path), "--out", str(self.folder.path)]
        return f"Resume with: {shlex.join(['edgan', 'train', self.configuration.method, *places, '--resume'])}"

    def advance(self) -> dict[str, float] | None:
        """One step of the plan: the terms' values, or None if it failed and the training was rolled back."""
        stage, within = self.method.plan.stage_at(self.step)
        if within == 0:
            self.state.begin_stage(self.method.plan.stages[stage])
        set_rates(self.configuration, self.method.plan, self.state.optimisers, within, stage)
        try:
            result = self.executor.step(
                stage, within, lambda draw: self.feed.inputs(self.step, draw, shuffle=self.rollbacks)
            )
        except NonFiniteLossError as error:
            self._roll_back(str(error))
            return None
        self.state.step += 1
        self.state.average.update(self.step)
        return result.losses

    def _roll_back(self, trouble: str) -> None:
        at, rollbacks = self.step, self.rollbacks
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
        self.state.rollbacks = rollbacks + 1
        self.warn(f"At step {at} {trouble}. Training went back to step {self.step} and continues in another order.")

    def _after_step(self, losses: dict[str, float], rate: float) -> None:
        """Log, look and save where this step is due for it, unless the weights or the pictures are not finite."""
        settings, last = self.configuration, self.step == self.configuration.steps
        every = {name: getattr(settings, f"{name}_every") for name in ("log", "evaluate", "preview", "checkpoint")}
        due = {name: last or self.step % steps == 0 for name, steps in every.items()}
        looks = due["evaluate"] or due["preview"]
        if (looks or due["checkpoint"]) and self._rolled_back(looks):
            return
        held: dict[str, float] | None = None
        findings, best, better = list[str](), "", False
        if self.world.is_main:
            if due["log"]:
                self.folder.append_log(self.step, {"losses": losses, "seconds": round(self.state.spent, 3)})
            if due["evaluate"]:
                held, findings = self.observer.evaluate(self.step)
                better = self.state.judge(self.score.of(held), self.step >= self.method.plan.least_steps)
                best = best_so_far(self.score, self.state)
            if due["preview"]:
                self.observer.preview(self.step)
            self.watch(Progress(self.step, settings.steps, losses, rate, held, tuple(findings), best))
        if due["evaluate"]:
            better = distributed.any_true(better)
            ends = self.world.is_main and not last and out_of_patience(self.state, settings.patience)
            self.stopped_early = distributed.any_true(ends)
        if self.stopped_early:
            self.warn(
                f"Stopped at step {self.step:,} of {settings.steps:,}: no better score in "
                f"{counted(settings.patience, 'evaluation')}; {best}. {self._how_to_resume()}"
            )
        if due["checkpoint"] or better or self.stopped_early:
            self._save(better)

    def _rolled_back(self, looks: bool) -> bool:
        """Go back if the weights are not finite, which a step with finite losses can still cause, or the pictures."""
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
