"""An optimiser's state as flat tensors and JSON: saved without pickle, restored bit for bit."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from edgan.errors import EdganError

_OF_THE_MACHINE = ("fused", "foreach", "capturable", "differentiable")


def flatten_optimiser(optimiser: torch.optim.Optimizer) -> tuple[dict[str, Tensor], dict[str, Any]]:
    """Split an optimiser's state into tensors and the rest.

    Args:
        optimiser: one whose state per parameter consists of tensors, numbers and None: Adam, AdamW, RMSprop, SGD.

    Returns:
        tensors: "state.3.exp_avg" for parameter 3 in the order of the groups, "group.0.lr" for a learning rate that is
            a tensor. They are the optimiser's own tensors, not copies: the next step changes them.
        rest: JSON with the groups' settings and the numbers of the state.
    """
    whole = optimiser.state_dict()
    tensors: dict[str, Tensor] = {}
    rest: dict[str, Any] = {"groups": [], "state": {}}
    for position, group in enumerate(whole["param_groups"]):
        plain, held = _split(group)
        rest["groups"].append(plain)
        tensors |= {f"group.{position}.{key}": value for key, value in held.items()}
    for index, values in whole["state"].items():
        plain, held = _split(values)
        rest["state"][str(index)] = plain
        tensors |= {f"state.{index}.{key}": value for key, value in held.items()}
    return tensors, rest


def restore_optimiser(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor], rest: Mapping[str, Any]) -> None:
    """Restore the state from `flatten_optimiser` bit for bit.

    How a step is computed (fused, foreach, capturable) depends on the machine and stays as this optimiser has it.

    Args:
        optimiser: made over the same parameters in the same order and groups.
        tensors: as returned; they are copied, so later steps do not change them.
        rest: as returned, possibly after a round trip through JSON.

    Raises:
        EdganError: the state belongs to other parameters; the message names them. The optimiser is then unchanged.
    """
    groups = _groups(optimiser, tensors, rest)
    parameters = [parameter for group in optimiser.param_groups for parameter in group["params"]]
    state: dict[int, dict[str, Any]] = {int(index): dict(values) for index, values in rest["state"].items()}
    for (index, key), value in _indexed(tensors, "state"):
        if index not in state or index >= len(parameters):
            raise EdganError(f"The optimiser's state names parameter {index}, but there are {len(parameters)}.")
        state[index][key] = _like(parameters[index], value, f"{key} of parameter {index}")
    optimiser.load_state_dict({"state": state, "param_groups": groups})


FlatState = tuple[dict[str, Tensor], dict[str, Any]]
"""Tensors and the rest, as `flatten_optimiser` returns them."""


def split_state(state: FlatState, counts: Sequence[int]) -> list[FlatState]:
    """The state of an optimiser over several networks as if each had one of its own.

    Args:
        state: of an optimiser with one group.
        counts: how many of its parameters belong to each network, in their order.
    """
    tensors, rest = state
    shares: list[FlatState] = []
    first = 0
    for count in counts:
        own = range(first, first + count)
        held = {f"group.{position}.{key}": value for (position, key), value in _indexed(tensors, "group")}
        held |= {f"state.{i - first}.{key}": value for (i, key), value in _indexed(tensors, "state") if i in own}
        plain = {str(int(i) - first): values for i, values in rest["state"].items() if int(i) in own}
        groups = [{**group, "params": list(range(count))} for group in rest["groups"]]
        shares.append((held, {"groups": groups, "state": plain}))
        first += count
    return shares


def join_states(shares: Sequence[FlatState]) -> FlatState:
    """The reverse of `split_state`: the networks' states as that of one optimiser over them all.

    Its settings are those of the first.
    """
    tensors: dict[str, Tensor] = {}
    rest: dict[str, Any] = {"groups": [dict(group) for group in shares[0][1]["groups"]], "state": {}}
    first = 0
    for held, plain in shares:
        tensors |= {f"state.{i + first}.{key}": value for (i, key), value in _indexed(held, "state")}
        rest["state"] |= {str(int(i) + first): values for i, values in plain["state"].items()}
        first += sum(len(group["params"]) for group in plain["groups"])
    tensors |= {f"group.{position}.{key}": value for (position, key), value in _indexed(shares[0][0], "group")}
    if len(shares) > 1:
        rest["groups"][0]["params"] = list(range(first))
    return tensors, rest


def _split(values: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Tensor]]:
    held = {key: value.detach() for key, value in values.items() if isinstance(value, Tensor)}
    return {key: value for key, value in values.items() if key not in held}, held


def _groups(optimiser: torch.optim.Optimizer, tensors: Mapping[str, Tensor], rest: Mapping[str, Any]) -> list[Any]:
    """The saved groups with their tensors and tuples, and this machine's way to compute a step."""
    sizes = [len(group["params"]) for group in optimiser.param_groups]
    saved = [len(group["params"]) for group in rest["groups"]]
    if sizes != saved:
        raise EdganError(
            f"The saved optimiser state has groups of {saved} parameters, but this optimiser has groups of {sizes}: "
            "the networks or the table have changed since it was saved."
        )
    groups = [dict(group) for group in rest["groups"]]
    for (position, key), value in _indexed(tensors, "group"):
        groups[position][key] = value.clone()
    for group, live in zip(groups, optimiser.param_groups, strict=True):
        for key, value in live.items():
            if key in _OF_THE_MACHINE:
                group[key] = value
            elif key == "lr":
                group[key] = _as_kept(value, group[key])
            elif isinstance(value, tuple) and key in group:
                group[key] = tuple(group[key])
    return groups


def _as_kept(live: float | Tensor, saved: float | Tensor) -> float | Tensor:
    """A saved learning rate as this optimiser keeps it: on a GPU as a tensor there, on a CPU as a number."""
    return torch.full_like(live, float(saved)) if isinstance(live, Tensor) else float(saved)


def _indexed(tensors: Mapping[str, Tensor], kind: str) -> Iterator[tuple[tuple[int, str], Tensor]]:
    for name, value in tensors.items():
        prefix, index, key = name.split(".", 2)
        if prefix == kind:
            yield (int(index), key), value


def _like(parameter: Tensor, value: Tensor, what: str) -> Tensor:
    """A copy with the parameter's strides: fused steps read parameter and state in memory order."""
    if value.dim() == 0:
        return value.clone()
    if value.shape != parameter.shape:
        raise EdganError(
            f"The optimiser's {what} has the shape {tuple(value.shape)}, but the parameter {tuple(parameter.shape)}: "
            "the networks have changed since it was saved."
        )
    return torch.empty_like(parameter, dtype=value.dtype, device=value.device, requires_grad=False).copy_(value)
