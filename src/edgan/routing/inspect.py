"""What a plan costs and does: FLOPs by network, cells that no gradient reaches, gradient norms by cell."""

from __future__ import annotations

import copy
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor, nn
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from edgan.errors import UsageError
from edgan.routing.execute import Executor
from edgan.routing.forward import Inputs
from edgan.routing.plan import Plan


@dataclass(frozen=True)
class Cost:
    """What one step of a stage costs.

    Attributes:
        forwards: calls of each network.
        backwards: number of backwards.
        flops: floating-point operations of each network for the whole batch, forwards and backwards together. Matrix
            products and convolutions count (2 per multiply-add); elementwise operations do not.
    """

    forwards: Mapping[str, int]
    backwards: int
    flops: Mapping[str, int]


class _FlopsByNetwork(TorchDispatchMode):
    """Counts FLOPs with torch's own formulas and attributes them to networks.

    Forwards: to the network being called. Backwards: autograd nodes have increasing sequence numbers, so the current
    node was created within the call of exactly one network.
    """

    def __init__(self) -> None:
        super().__init__()
        self.flops: Counter[str] = Counter()
        self._current: str | None = None
        self._ranges: list[tuple[int, int, str]] = []

    @contextmanager
    def calling(self, network: str) -> Iterator[None]:
        first, self._current = torch._C._autograd._get_sequence_nr(), network
        try:
            yield
        finally:
            self._current = None
            self._ranges.append((first, torch._C._autograd._get_sequence_nr(), network))

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        out = func(*args, **(kwargs or {}))
        formula = flop_registry.get(func._overloadpacket)
        if formula is not None:
            owner = self._owner()
            self.flops[owner] += formula(*args, **(kwargs or {}), out_val=out)
            if torch.is_grad_enabled() and self._current is None:
                # A penalty's own backward builds the graph of its second derivative; its nodes have the same owner.
                made = torch._C._autograd._get_sequence_nr()
                self._ranges.append((made - 1, made, owner))
        return out

    def _owner(self) -> str:
        if self._current is not None:
            return self._current
        node = torch._C._current_autograd_node()
        number = -1 if node is None else node._sequence_nr()
        owners = (network for first, last, network in self._ranges if first <= number < last)
        return next(owners, "losses")


def on_meta(networks: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """Copies of the networks on the meta device: shapes without values."""
    return {name: copy.deepcopy(network).to("meta") for name, network in networks.items()}


def meta_inputs(fields: Mapping[str, Tensor]) -> Inputs:
    """Inputs on the meta device with the shapes of these fields."""
    first = next(iter(fields.values()))
    return Inputs(
        {name: value.to("meta") for name, value in fields.items()},
        lambda _name, _kind, shape: torch.empty(len(first), *shape, device="meta", dtype=first.dtype),
    )


def cost_of_step(plan: Plan, networks: Mapping[str, nn.Module], inputs: Inputs, stage: int = 0, step: int = 0) -> Cost:
    """Count the cost of one step without computing it.

    Args:
        plan: what to count.
        networks: on the meta device (`on_meta`).
        inputs: on the meta device (`meta_inputs`).
        stage: its index.
        step: within the stage; at step 0 every lazy term is due.
    """
    counter = _FlopsByNetwork()
    executor = Executor(plan, networks, on_call=counter.calling)
    with counter:
        _, result = executor.gradients_and_counts(stage, step, lambda _: inputs)
    return Cost(dict(result.forwards), result.backwards, dict(counter.flops))


def check_reach(plan: Plan, networks: Mapping[str, nn.Module], inputs: Inputs) -> None:
    """Check that the gradient of its loss reaches every nonzero cell, in a stage that steps the cell's network.

    Args:
        plan: what to check.
        networks: on the meta device.
        inputs: on the meta device.

    Raises:
        UsageError: names the cells whose network no phase steps, or whose term has no path to the network.
    """
    cells = [(term.name, network) for network in plan.table.networks for term, _ in plan.table.column(network)]
    stepped = {network for stage in plan.stages for network in stage.networks}
    idle = [cell for cell in cells if cell[1] not in stepped]
    if idle:
        raise UsageError(f"The table routes {_names(idle)}, but no phase steps that network. {_leave_blank(idle[0])}")
    paths = _Paths(plan, networks)
    reached = {cell for stage in range(len(plan.stages)) for cell in paths.cells(stage, inputs)}
    unreached = [cell for cell in cells if cell not in reached]
    if unreached:
        raise UsageError(
            f"The table routes {_names(unreached)}, but no gradient of that loss can reach that network: there is no "
            f"path between them. {_leave_blank(unreached[0])}"
        )


class _Paths(Executor):
    """Follows the graphs of losses back to the parameters. A backward for each cell would take ten times as long."""

    def cells(self, stage: int, inputs: Inputs) -> Iterator[tuple[str, str]]:
        """The nonblank cells (term, network) of a stage between which there is a path."""
        for current, forward in self._forwards(stage, 0, lambda _: inputs):
            networks = [network for column in current.columns for network in column.networks]
            for term in current.terms:
                leaves = _leaves(forward.loss(term))
                for network in networks:
                    column = [routed for routed, _ in self.plan.table.column(network)]
                    if term in column and not leaves.isdisjoint(map(id, self.parameters[network])):
                        yield term.name, network


def _leaves(loss: Tensor) -> set[int]:
    """The `id` of each tensor for which a backward from the loss would give a gradient."""
    leaves, seen, ahead = set[int](), set[Any](), [loss.grad_fn]
    while ahead:
        node = ahead.pop()
        if node is None or node in seen:
            continue
        seen.add(node)
        if hasattr(node, "variable"):
            leaves.add(id(node.variable))
        ahead += [following for following, _ in node.next_functions]
    return leaves


def _names(cells: list[tuple[str, str]]) -> str:
    return " and ".join(f"{term}.{network}" for term, network in cells)


def _leave_blank(cell: tuple[str, str]) -> str:
    return f"Leave the cell blank: set the route {cell[0]}.{cell[1]} to 0."


def measure(
    plan: Plan,
    networks: Mapping[str, nn.Module],
    draw: Callable[[int], Inputs],
    stage: int = 0,
    step: int = 0,
) -> dict[tuple[str, str], float]:
    """The gradient norm of every cell on a real batch, computed as training computes it, without stepping.

    Args:
        plan: the table to measure.
        networks: with real weights.
        draw: gives the step's batches.
        stage: its index.
        step: within the stage.

    Returns:
        {(term, network): Euclidean norm of the term's own gradient at the network, times the route's weight}, for every
        cell of the stage's networks, blank cells included.
    """
    executor = Executor(plan, networks)
    stepped = [name for name in plan.table.networks if name in plan.stages[stage].networks]
    norms = {(term.name, network): 0.0 for term in plan.table.terms for network in stepped}
    with _left_unchanged(networks):
        for term in plan.table.terms:
            gradients = executor.gradients(stage, step, draw, only=term.name)
            for network, group in gradients.items():
                squares = [_wide(g).square().sum() for g in group if g is not None]
                norms[term.name, network] = float(torch.stack(squares).sum().sqrt()) if squares else 0.0
    return norms


def _wide(values: Tensor) -> Tensor:
    return values if values.device.type == "mps" else values.double()  # MPS has no float64


NEGLIGIBLE = 0.02
"""Share of a network's strongest gradient below which a term hardly changes the network's steps."""


def negligible(plan: Plan, gradients: Mapping[tuple[str, str], float]) -> tuple[tuple[str, str], ...]:
    """Cells (term, network) whose weights hardly matter: their gradients are lost beside the network's others.

    Args:
        plan: the table. A scheduled route is left out, since it may be 0 where it was measured.
        gradients: from `measure`.

    Returns:
        The cells whose norm is under `NEGLIGIBLE` of the network's strongest one in the phases that both teach.
    """
    phases = [phase for stage in plan.stages for phase in stage.phases]

    def together(term: str, network: str) -> set[str]:
        """The terms that teach the network in a phase in which this one does."""
        column = {other.name for other, _ in plan.table.column(network)}
        taught = [column if p.terms is None else column & set(p.terms) for p in phases if network in p.networks]
        return {name for terms in taught if term in terms for name in terms}

    return tuple(
        (term.name, network)
        for network in plan.table.networks
        for term, route in plan.table.column(network)
        if isinstance(route, int | float)
        and (term.name, network) in gradients
        and gradients[term.name, network]
        < NEGLIGIBLE * max(gradients.get((other, network), 0.0) for other in together(term.name, network))
    )


@contextmanager
def _left_unchanged(networks: Mapping[str, nn.Module]) -> Iterator[None]:
    """Restores buffers, modes and torch's random state afterwards."""
    buffers = [(b, b.clone()) for network in networks.values() for b in network.buffers()]
    modules = [module for network in networks.values() for module in network.modules()]
    modes = [(module, module.training, getattr(module, "track_running_stats", None)) for module in modules]
    grads = [(p, p.requires_grad) for network in networks.values() for p in network.parameters()]
    devices = {parameter.device for parameter, _ in grads if parameter.device.type == "cuda"}
    with torch.random.fork_rng(list(devices)):
        yield
    with torch.no_grad():
        for buffer, value in buffers:
            buffer.copy_(value)
    for module, training, tracks in modes:
        module.training = training
        if tracks is not None:
            module.track_running_stats = tracks
    for parameter, requires_grad in grads:
        parameter.requires_grad_(requires_grad)
