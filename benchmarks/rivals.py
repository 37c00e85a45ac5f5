"""What an edgan step is compared with: a pass for each network, and loops written by hand."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

import torch
from torch import Tensor, nn

from benchmarks.by_hand import BY_HAND, RELEASED
from benchmarks.by_hand.drawn import Drawn, Learn, Loop
from edgan.routing import Column, Executor, Pass, Plan, Route, Term
from edgan.training.loop import Trainer
from edgan.training.optimisers import make_optimiser

Step = Callable[[], None]


class PlanOfPassesApart(Plan):
    """The plan with a forward and a backward of its own for every network that steps, as released code often has it.

    Nothing is taken over from one pass to the next, and no two networks share a backward. Each pass still computes only
    the gradients of its own network. In a simultaneous stage a later network then sees the weights that earlier ones
    have stepped: the time is compared, not the training.
    """

    def passes(self, stage: int, step: int = 0) -> tuple[Pass, ...]:
        """The passes of a step of a stage."""
        apart = []
        for shared in super().passes(stage, step):
            fresh = shared.fresh
            for phase in (phase for phase in self.stages[stage].phases if phase.name in shared.phases):
                for network in phase.networks:
                    cells = self._cells(shared, network)
                    if cells:
                        column = Column((network,), cells)
                        needed = self.needed(name for term, _ in cells for name in term.taps)
                        apart.append(Pass((phase.name,), (column,), frozenset({network}), frozenset(), needed, fresh))
                        fresh = False
        return tuple(apart)

    def _cells(self, shared: Pass, network: str) -> tuple[tuple[Term, Route], ...]:
        own = {term for term, _ in self.table.column(network)}
        columns = [column for column in shared.columns if network in column.networks]
        return tuple(cell for column in columns for cell in column.cells if cell[0] in own)


def passes_apart(plan: Plan) -> PlanOfPassesApart:
    """The plan, each network by itself; every phase steps, since its condition reads losses of other passes."""
    stages = tuple(
        replace(stage, phases=tuple(replace(phase, condition=None) for phase in stage.phases)) for stage in plan.stages
    )
    return PlanOfPassesApart(plan.table, plan.taps, stages, plan.cuts, plan.fixed_layers)


def with_passes_apart(training: Trainer) -> Trainer:
    """The training, changed in place to run `passes_apart`."""
    training.executor = Executor(
        passes_apart(training.method.plan), training.networks, training.state.optimisers, source=training.feed.source()
    )
    return training


def plain_loop(training: Trainer) -> Step | None:
    """A step of the method as a careful person writes it in plain PyTorch; None where there is none for it.

    Batches, noise and networks are those of the training. Each network has an optimiser of its own, or one for each of
    its phases, with the training's settings and names.
    """
    return _loop(training, BY_HAND, _by_asked_gradients)


def released_loop(training: Trainer) -> Step | None:
    """A step in the order of the method's released code; None where that order is not known.

    As `plain_loop`, but `Tensor.backward` also computes the gradients of weights that no optimiser then takes.
    """
    return _loop(training, RELEASED, _by_backward)


Parameters = Mapping[str, list[nn.Parameter]]
Optimisers = Mapping[str, torch.optim.Optimizer]


def _loop(
    training: Trainer, loops: Mapping[str, Loop], learning: Callable[[Trainer, Parameters, Optimisers], Learn]
) -> Step | None:
    if not training.configuration.preset.startswith("paper"):
        return None
    step = loops.get(training.configuration.method)
    if step is None:
        return None
    networks, plan = training.networks, training.method.plan
    optimisers, parameters = {}, {}
    for phase in plan.stages[-1].phases:
        for network in phase.networks:
            name = plan.optimiser_names[phase.name, network]
            parameters[name] = list(networks[network].parameters())
            optimisers[name] = make_optimiser(
                training.configuration.optimiser_of(network, phase.name), parameters[name]
            )
    for module in networks.values():
        module.requires_grad_(True).train()
    learn = learning(training, parameters, optimisers)
    kinds = {tap.name: tap.noise for tap in plan.taps if tap.noise is not None}

    def draw(which: int) -> Drawn:
        inputs = training.feed.inputs(training.step, which)
        return Drawn(inputs.fields, lambda name: inputs.noise(name, *kinds[name]))

    return lambda: step(networks, learn, draw)


def _by_asked_gradients(_: Trainer, parameters: Parameters, optimisers: Optimisers) -> Learn:
    """Computes the gradients of the weights that step, and no others."""

    def learn(losses: Mapping[tuple[str, ...], Tensor]) -> None:
        for names, loss in losses.items():
            taught = [parameter for name in names for parameter in parameters[name]]
            found = torch.autograd.grad(loss, taught, retain_graph=len(losses) > 1, allow_unused=True)
            for parameter, gradient in zip(taught, found, strict=True):
                parameter.grad = gradient
        for name in (name for names in losses for name in names):
            optimisers[name].step()
            optimisers[name].zero_grad(set_to_none=True)

    return learn


def _by_backward(training: Trainer, _: Parameters, optimisers: Optimisers) -> Learn:
    """Computes the gradients of all weights that a loss reaches."""

    def learn(losses: Mapping[tuple[str, ...], Tensor]) -> None:
        for names, loss in losses.items():
            loss.backward()
            for name in names:
                optimisers[name].step()
            for network in training.networks.values():
                network.zero_grad(set_to_none=True)

    return learn
