"""Networks, and layers of networks, that a training leaves as they are: a blank column of the table, no phase."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace

from torch import nn

from edgan.errors import UsageError, near_miss
from edgan.methods.base import Method
from edgan.routing import Phase, Row, Stage
from edgan.routing.trained import trained_parameters


def with_frozen(method: Method, names: Collection[str]) -> Method:
    """The method with networks that no loss teaches and no phase steps.

    A phase without a network left is gone, and so is a stage without a phase. A frozen network is in evaluation mode:
    its batch norm uses the running statistics, which do not change either.

    Args:
        method: bound.
        names: networks, or layers of a network that steps all the same, as "NETWORK.LAYER".

    Raises:
        UsageError: there is no such network, nothing would be trained, or a phase waits for a loss that is gone.
    """
    plan = method.plan
    for name in names:
        network = name.partition(".")[0]
        if network not in plan.table.networks:
            raise UsageError(
                f"names a network that {method.name} does not have: {network!r}. "
                f"{near_miss(network, plan.table.networks)}",
                parameter="frozen",
            )
    whole = frozenset(name for name in names if "." not in name)
    rows = tuple(Row(row.term, tuple(cell for cell in row.cells if cell[0] not in whole)) for row in plan.table.rows)
    stages = tuple(stage for stage in (_without(stage, whole) for stage in plan.stages) if stage.phases)
    if not stages:
        raise UsageError(f"leaves no network of {method.name} to train.", parameter="frozen")
    layers = tuple(sorted(name for name in names if "." in name and name.partition(".")[0] not in whole))
    table = replace(plan.table, rows=rows)
    try:
        return replace(method, plan=replace(plan, table=table, stages=stages, fixed_layers=layers))
    except ValueError as error:
        raise UsageError(f"cannot be {','.join(sorted(whole))}: {error}.", parameter="frozen") from None


def refuse_unknown_layers(layers: Iterable[str], networks: Mapping[str, nn.Module]) -> None:
    """Check the layers that a training leaves as they are.

    Args:
        layers: "NETWORK.LAYER", as in `Plan.fixed_layers`.
        networks: the modules by column.

    Raises:
        UsageError: a network has no weights of such a layer, or all its weights are named.
    """
    for layer in layers:
        name, _, inner = layer.partition(".")
        network = networks[name]
        known = {key for key, module in network.named_modules() if any(True for _ in module.parameters())}
        if inner not in known - {""}:
            raise UsageError(
                f"names a layer that the {name} does not have: {inner!r}. {near_miss(inner, known - {''})}",
                parameter="frozen",
            )
    for name, network in networks.items():
        if any(True for _ in network.parameters()) and not trained_parameters(name, network, layers):
            raise UsageError(f"names every layer of the {name}. Name the network itself.", parameter="frozen")


def _without(stage: Stage, frozen: frozenset[str]) -> Stage:
    """The stage without the networks that stay as they are."""
    phases: list[Phase] = []
    for phase in stage.phases:
        networks = tuple(name for name in phase.networks if name not in frozen)
        if networks:
            phases.append(replace(phase, networks=networks))
    begins_as = tuple(pair for pair in stage.begins_as if pair[0] not in frozen)
    return replace(stage, phases=tuple(phases), begins_as=begins_as)
