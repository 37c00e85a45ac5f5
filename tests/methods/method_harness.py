"""A method's plan against the same training written by hand in plain PyTorch: what the parity tests share.

A test trains two copies of a method's networks, one by its plan and one by a `PlainLoop`, and compares how far the
weights end up from each other with how far they moved.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from edgan.methods import Method
from edgan.routing import Executor, Inputs
from edgan.routing.inspect import check_reach, meta_inputs, on_meta

ADAM = partial(torch.optim.Adam, lr=2e-4, betas=(0.5, 0.999))
Networks = dict[str, nn.Module]
MakeOptimiser = Callable[[Iterator[nn.Parameter]], torch.optim.Optimizer]


def sgd(lr: float) -> MakeOptimiser:
    """A maker of plain SGD optimisers."""
    return partial(torch.optim.SGD, lr=lr)


def uniform(seed: int, *shape: int) -> Tensor:
    """U(0, 1), float64; equal seeds give equal numbers."""
    return torch.rand(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def normal(seed: int, *shape: int) -> Tensor:
    """N(0, 1), float64; equal seeds give equal numbers."""
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)


def build_networks(method: Method) -> Networks:
    """The method's networks in float64, always from the same seed."""
    torch.manual_seed(3)
    return {name: network.double() for name, network in method.build().items()}


class PlainLoop:
    """Networks with an optimiser each; a subclass writes the steps."""

    def __init__(self, networks: Networks, optimiser: MakeOptimiser) -> None:
        self.n = networks
        self.optimisers = {name: optimiser(network.parameters()) for name, network in networks.items()}

    def zero_gradients(self) -> None:
        for optimiser in self.optimisers.values():
            optimiser.zero_grad()

    def set_gradient(self, loss: Tensor, *names: str) -> None:
        """Put a loss's gradient into the parameters of these networks alone; the graph stays."""
        parameters = [parameter for name in names for parameter in self.n[name].parameters()]
        gradients = torch.autograd.grad(loss, parameters, retain_graph=True)
        for parameter, gradient in zip(parameters, gradients, strict=True):
            parameter.grad = gradient

    def step(self, *names: str) -> None:
        """Step these networks with the gradients that they have."""
        for name in names:
            self.optimisers[name].step()

    def learn(self, loss: Tensor, *names: str) -> None:
        """One step of these networks on a loss."""
        self.set_gradient(loss, *names)
        self.step(*names)


def train_by_plan(
    method: Method,
    networks: Networks,
    inputs: Callable[[int], Inputs],
    optimiser: MakeOptimiser,
    stages: Sequence[int],
) -> Networks:
    """Train networks in place by the method's plan.

    Args:
        method: the method.
        networks: its networks.
        inputs: of each step, counted over all stages.
        optimiser: makes the optimiser of a network in a phase.
        stages: the stage of each step: [0, 0, 1] for two steps of the first and one of the second.
    """
    names = method.plan.optimiser_names.items()
    optimisers = {name: optimiser(networks[network].parameters()) for (_, network), name in names}
    executor = Executor(method.plan, networks, optimisers)
    within = dict.fromkeys(stages, 0)
    for step, stage in enumerate(stages):
        executor.step(stage, within[stage], lambda _, step=step: inputs(step))
        within[stage] += 1
    return networks


def parameters_of(network: nn.Module) -> Tensor:
    """All parameters in one vector."""
    return torch.cat([parameter.detach().flatten() for parameter in network.parameters()])


def buffers_of(network: nn.Module) -> Tensor:
    """All buffers of real numbers, such as running means, in one vector."""
    return torch.cat([torch.zeros(0), *(b.flatten() for b in network.buffers() if b.is_floating_point())])


def deviation(
    method: Method,
    train_plainly: Callable[[Networks], object],
    inputs: Callable[[int], Inputs],
    optimiser: MakeOptimiser,
    stages: Sequence[int] = (0, 0, 0),
    untrained: Collection[str] = (),
    buffers: bool = True,
    before: Networks | None = None,
) -> float:
    """How far the plan's networks end up from those of a plain loop, relative to how far they moved.

    Args:
        method: the method.
        train_plainly: trains the networks that it is given in place, as `stages` says.
        inputs, optimiser, stages: as in `train_by_plan`.
        untrained: the networks that must stay as they are.
        buffers: whether buffers are compared too.
        before: the networks to start from; freshly built unless given.

    Returns:
        The largest ratio over the networks, and over parameters and buffers.
    """
    before = build_networks(method) if before is None else before
    ours, plain = copy.deepcopy(before), copy.deepcopy(before)
    train_by_plan(method, ours, inputs, optimiser, stages)
    train_plainly(plain)
    ratios = []
    for name in before:
        for values in (parameters_of, buffers_of) if buffers else (parameters_of,):
            start, expected, actual = values(before[name]), values(plain[name]), values(ours[name])
            moved = float((expected - start).norm())
            if values is parameters_of:
                assert (moved == 0) == (name in untrained), f"{name} moved by {moved}"
            if moved > 0:
                ratios.append(float((actual - expected).norm()) / moved)
            else:
                assert torch.equal(actual, expected), f"{name} moved"
    return max(ratios)


def assert_every_cell_is_reached(method: Method, fields: Mapping[str, Tensor]) -> None:
    """Every cell of the table has a path from its loss to its network."""
    check_reach(method.plan, on_meta(build_networks(method)), meta_inputs(dict(fields)))


def noise_from(values: Mapping[str, Tensor]) -> Callable[..., Tensor]:
    """Noise for `Inputs`: the tensor of each tap's name."""
    return lambda name, *_: values[name]


def with_settings(loop: Any, **settings: Any) -> Any:
    """A plain loop with attributes changed."""
    vars(loop).update(settings)
    return loop
