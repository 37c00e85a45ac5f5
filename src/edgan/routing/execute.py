"""Carries out a plan: forwards, backwards and steps in their order."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _NormBase

from edgan.routing.descent import gradients_of, take_step
from edgan.routing.forward import Forward, Inputs
from edgan.routing.kept import Kept, Source, kept_taps
from edgan.routing.plan import Column, Pass, Plan
from edgan.routing.reading import read_losses
from edgan.routing.schedule import Moment, scaled, weight_at
from edgan.routing.trained import trained_parameters


@dataclass
class StepResult:
    """What a step did.

    Attributes:
        losses: the terms' values, means over the global batch; empty where they were not read.
        unread: the same as () tensors on the device.
        sound: () bool on the device, whether all losses were finite up to now; None where they were read.
        forwards: the calls of each network.
        backwards: how many.
        forward: the last one.
    """

    losses: dict[str, float] = field(default_factory=dict)
    unread: dict[str, Tensor] = field(default_factory=dict)
    sound: Tensor | None = None
    forwards: Counter[str] = field(default_factory=Counter)
    backwards: int = 0
    forward: Forward | None = None


class Executor:
    """Runs a plan's steps on real networks.

    Attributes:
        on_pass: called with the names of its phases after each pass of a step; set it to time them.

    Args:
        plan: the compiled table.
        networks: the modules by name; their parameters must be disjoint.
        optimisers: by the names in `plan.optimiser_names`, for each network and each phase that steps it; networks of
            a phase may share one, which then steps them together.
        synchronise: averages tensors over the processes, in place. The losses come first, so that a non-finite loss
            stops every process.
        autocast: bfloat16 where torch allows it; penalties stay in float32.
        on_call: wraps each network's call (used for counting FLOPs).
        source: the data set's images; values that a stage cannot change are then computed once per image and kept.
    """

    def __init__(
        self,
        plan: Plan,
        networks: Mapping[str, nn.Module],
        optimisers: Mapping[str, torch.optim.Optimizer] | None = None,
        *,
        synchronise: Callable[[Sequence[Tensor]], None] = lambda _: None,
        autocast: bool = False,
        on_call: Callable[[str], AbstractContextManager[Any]] = lambda _: nullcontext(),
        source: Source | None = None,
    ) -> None:
        self.plan = plan
        self.networks = networks
        self.optimisers = optimisers or {}
        self.synchronise = synchronise
        self.autocast = autocast
        self.on_call = on_call
        self.on_pass: Callable[[tuple[str, ...]], None] = lambda _: None
        self.source = source
        self._kept: tuple[int, Kept | None] = (-1, None)
        self.parameters = {name: trained_parameters(name, net, plan.fixed_layers) for name, net in networks.items()}
        _check_disjoint({name: list(network.parameters()) for name, network in networks.items()})

    def step(
        self,
        stage: int,
        step: int,
        draw: Callable[[int], Inputs],
        sound: Tensor | None = None,
        moment: Tensor | None = None,
    ) -> StepResult:
        """One step of a stage.

        Without `sound`, the losses are read after each pass, for which the host waits. With it, nothing is read: what
        depends on the losses is decided on the device, so that the host can prepare the next steps meanwhile.

        Args:
            stage: its index.
            step: counted from 0 within the stage.
            draw: gives the step's k-th batch; k is 0 except for phases that repeat on fresh batches.
            sound: () bool on the networks' device, `StepResult.sound` of the step before: whether all losses were
                finite up to here. From the first pass on where it is false, no weight and no optimiser state changes.
            moment: () float64 on the device: `step` for weights that change with it, so that a graph can read it.

        Raises:
            NonFiniteLossError: before the pass with that loss has changed any weight; only without `sound`.
        """
        result = StepResult(sound=sound)
        now: Moment = step if moment is None else moment
        for current, forward in self._forwards(stage, step, draw, now):
            gradients, losses = self._gradients(current, forward, now, result)
            self._synchronise(losses, gradients)
            result.unread |= losses
            if result.sound is None:
                result.losses |= read_losses(losses)
            else:
                result.sound = result.sound & torch.stack(list(losses.values())).isfinite().all()
            self._step_networks(stage, current, gradients, result)
            self.on_pass(current.phases)
            result.forwards += forward.calls
            result.forward = forward
        return result

    def _step_networks(
        self, stage: int, current: Pass, gradients: Mapping[str, Sequence[Tensor | None]], result: StepResult
    ) -> None:
        """Step the networks of a pass in every phase whose condition holds."""
        known: Mapping[str, float | Tensor] = result.losses if result.sound is None else result.unread
        for phase in (phase for phase in self.plan.stages[stage].phases if phase.name in current.phases):
            opens = True if phase.condition is None else phase.condition.is_open(known)
            if result.sound is not None:
                opens = result.sound & opens
            elif not opens:
                continue
            flag = opens if isinstance(opens, Tensor) else None
            for optimiser, names in self._shared(phase.name, [name for name in phase.networks if name in gradients]):
                parameters = [parameter for name in names for parameter in self.parameters[name]]
                take_step(optimiser, parameters, [gradient for name in names for gradient in gradients[name]], flag)

    def _shared(self, phase: str, networks: Sequence[str]) -> Iterator[tuple[torch.optim.Optimizer, list[str]]]:
        """The optimisers of these networks in a phase, each once, with the networks that it steps."""
        names: dict[int, list[str]] = {}
        for network in networks:
            names.setdefault(id(self.optimisers[self.plan.optimiser_names[phase, network]]), []).append(network)
        for together in names.values():
            yield self.optimisers[self.plan.optimiser_names[phase, together[0]]], together

    def gradients(
        self, stage: int, step: int, draw: Callable[[int], Inputs], only: str | None = None
    ) -> dict[str, list[Tensor | None]]:
        """The gradients of one step, without stepping.

        Args:
            stage: its index.
            step: counted from 0 within the stage.
            draw: gives the step's k-th batch.
            only: a term; all others are multiplied by 0, so that the passes stay the same.

        Returns:
            A gradient for each parameter of each network of the stage, None where no loss reaches it. For a network
            that steps in several phases it is the sum over them; for a phase that repeats, the last repetition's.
        """
        return self.gradients_and_counts(stage, step, draw, only)[0]

    def gradients_and_counts(
        self, stage: int, step: int, draw: Callable[[int], Inputs], only: str | None = None
    ) -> tuple[dict[str, list[Tensor | None]], StepResult]:
        """`gradients`, and the network calls and backwards that they needed."""
        by_phase: dict[tuple[str, ...], dict[str, list[Tensor | None]]] = {}
        result = StepResult()
        for current, forward in self._forwards(stage, step, draw):
            by_phase[current.phases] = self._gradients(current, forward, step, result, only)[0]
            result.forwards += forward.calls
        total: dict[str, list[Tensor | None]] = {}
        for gradients in by_phase.values():
            for network, group in gradients.items():
                total[network] = _sum(total[network], group) if network in total else group
        return total, result

    def _forwards(
        self, stage: int, step: int, draw: Callable[[int], Inputs], moment: Moment | None = None
    ) -> Iterator[tuple[Pass, Forward]]:
        """Each pass of the step with its forward, taps carried over. The caller steps before it asks for the next."""
        now: Moment = step if moment is None else moment
        self._set_modes(stage)
        drawn, inputs, computed = 0, draw(0), dict[str, Any]()
        for current in self.plan.passes(stage, step):
            if current.fresh:
                drawn += 1
                inputs, computed = draw(drawn), {}
            # A tap on the way to a kept one was never computed, and no later pass reads it either.
            carried = {name: computed[name] for name in current.carried if name in computed}
            known = self.kept_values(stage, inputs) | carried
            self._set_graph(current)
            forward = Forward(self.plan, self.networks, inputs, current.phases, known, self.autocast, self.on_call, now)
            yield current, forward
            computed |= forward.values

    def kept_values(self, stage: int, inputs: Inputs) -> dict[str, Any]:
        """The values kept for the batch's images in this stage."""
        if inputs.kept is not None:
            return dict(inputs.kept)
        if self.source is None or inputs.index is None:
            return {}
        if self._kept[0] != stage:
            names = kept_taps(self.plan, stage)

            def compute(fields: Mapping[str, Tensor]) -> dict[str, Any]:
                forward = Forward(self.plan, self.networks, Inputs(fields, inputs.noise), autocast=self.autocast)
                return {name: forward[name] for name in names}

            self._kept = stage, Kept(names, self.source, compute) if names else None
        kept = self._kept[1]
        return {} if kept is None else dict(kept.rows(inputs.index))

    def _gradients(
        self, current: Pass, forward: Forward, step: Moment, result: StepResult, only: str | None = None
    ) -> tuple[dict[str, list[Tensor | None]], dict[str, Tensor]]:
        losses = _losses(current, forward)
        gradients: dict[str, list[Tensor | None]] = {}
        for column in current.columns:
            # Columns of one pass share parts of the graph, so only the last backward may free it.
            keep = column is not current.columns[-1]
            total = _column_loss(column, losses, step, only)
            parameters = [p for network in column.networks for p in self.parameters[network]]
            flat = iter(gradients_of(total, parameters, keep))
            result.backwards += 1
            for network in column.networks:
                gradients[network] = [next(flat) for _ in self.parameters[network]]
        return gradients, {name: loss.detach() for name, loss in losses.items()}

    def _synchronise(self, losses: dict[str, Tensor], gradients: dict[str, list[Tensor | None]]) -> None:
        present = [g for group in gradients.values() for g in group if g is not None]
        self.synchronise([*losses.values(), *present])

    def _set_modes(self, stage: int) -> None:
        networks, frozen = self.plan.stages[stage].networks, self.plan.stages[stage].frozen
        for name, network in self.networks.items():
            steps = name in networks
            network.train(steps)
            for module in network.modules():
                if isinstance(module, _NormBase) and module.running_mean is not None:
                    # Batch statistics without tracking: the running statistics of a frozen network do not change.
                    on_batch = not steps and frozen == "batch"
                    module.training = steps or on_batch
                    module.track_running_stats = not on_batch

    def _set_graph(self, current: Pass) -> None:
        for name, parameters in self.parameters.items():
            for parameter in parameters:
                parameter.requires_grad_(name in current.graph)


def _losses(current: Pass, forward: Forward) -> dict[str, Tensor]:
    """The terms' losses, those that differentiate computed first.

    Autograd follows the newest operations first, and a gradient through a gradient leaves it in another memory layout
    than that of a plain backward. If it were the first to arrive at a weight, every later one would be added out of
    place and across layouts: a tenth of a step of WGAN-GP.
    """
    losses = {term.name: forward.loss(term) for term in sorted(current.terms, key=lambda term: not term.differentiates)}
    return {term.name: losses[term.name] for term in current.terms}


def _column_loss(column: Column, losses: Mapping[str, Tensor], step: Moment, only: str | None) -> Tensor:
    weighted = []
    for term, route in column.cells:
        counts = 1.0 if only is None or term.name == only else 0.0
        weighted.append(scaled(losses[term.name], weight_at(route, step) * term.every * counts))
    return torch.stack(weighted).sum()


def _sum(left: Sequence[Tensor | None], right: Sequence[Tensor | None]) -> list[Tensor | None]:
    return [b if a is None else a if b is None else a + b for a, b in zip(left, right, strict=True)]


def _check_disjoint(parameters: Mapping[str, list[nn.Parameter]]) -> None:
    """Columns are disjoint sets of parameters, compared by identity."""
    owner: dict[int, str] = {}
    for name, group in parameters.items():
        for parameter in group:
            other = owner.setdefault(id(parameter), name)
            if other != name:
                raise ValueError(f"networks {other!r} and {name!r} share a parameter; columns of a table are disjoint")
