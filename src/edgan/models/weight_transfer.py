"""Weights of one method's networks for another's: what fits is taken layer by layer, the rest stays as initialised."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import torch
from torch import Tensor, nn

from edgan.methods import Method
from edgan.nets.caller_state import seeded

_PARAMETRIZED = ".parametrizations."
_POWER_ITERATIONS = 15
"""Of a spectral norm whose weight was put together anew; torch does as many when it makes one."""

Sizes = Mapping[str, tuple[int, ...]]


@dataclass(frozen=True)
class Piece:
    """Part of a tensor: the entries `of` along an axis of `value`, for the places `to`."""

    value: Tensor
    axis: int
    to: tuple[int, ...]
    of: tuple[int, ...]


@dataclass(frozen=True)
class TakenNetwork:
    """What a network starts with.

    Attributes:
        taken: how many of its weights come from the other run.
        weights: how many it has.
        new_layers: the layers with weights of which none is taken.
        held: whether the other run holds a network of this name.
    """

    taken: int
    weights: int
    new_layers: tuple[str, ...]
    held: bool

    def to_dict(self) -> dict[str, Any]:
        """For run.json."""
        return {"taken": self.taken, "of": self.weights, "new_layers": list(self.new_layers)}


@dataclass(frozen=True)
class Transfer:
    """Weights for networks that are already initialised.

    Attributes:
        whole: tensors to copy, by "network/name".
        pieces: tensors to copy in part, by "network/name".
        networks: what each network starts with, by column.
    """

    whole: Mapping[str, Tensor] = field(default_factory=dict)
    pieces: Mapping[str, Piece] = field(default_factory=dict)
    networks: Mapping[str, TakenNetwork] = field(default_factory=dict)

    def without(self, names: Collection[str]) -> Transfer:
        """The transfer without these networks."""

        def others(values: Mapping[str, Any]) -> dict[str, Any]:
            return {place: value for place, value in values.items() if place.partition("/")[0] not in names}

        return Transfer(others(self.whole), others(self.pieces), others(self.networks))

    @torch.no_grad()
    def apply(self, networks: Mapping[str, nn.Module]) -> None:
        """Copy the weights into networks of the shapes that the transfer was made for."""
        for name, network in networks.items():
            state = network.state_dict()
            for key, value in state.items():
                place = f"{name}/{key}"
                if place in self.whole:
                    value.copy_(self.whole[place])
                elif place in self.pieces:
                    piece = self.pieces[place]
                    to, of = (torch.tensor(which) for which in (piece.to, piece.of))
                    chosen = piece.value.index_select(piece.axis, of).to(value)
                    value.index_copy_(piece.axis, to.to(value.device), chosen)
            self._settle_norms(name, network)

    def _settle_norms(self, name: str, network: nn.Module) -> None:
        """Bring the spectral norms of layers that were put together anew up to their weights."""
        own = {place.partition("/")[2] for place in self.pieces if place.startswith(f"{name}/")}
        for layer, weight in sorted({_parametrized(key) for key in own if _PARAMETRIZED in key}):
            module = network.get_submodule(layer)
            training = module.training
            module.train()
            for _ in range(_POWER_ITERATIONS):
                getattr(module, weight)
            module.train(training)


NOTHING = Transfer()
"""Every weight stays as initialised."""


@dataclass(frozen=True)
class Attributes:
    """The attributes of two methods, and a third method by which those layers are known that depend on them.

    Attributes:
        old, new: their names, in the order of the networks' inputs and outputs.
        one_more: the new method for one attribute more than `new`.
    """

    old: Sequence[str]
    new: Sequence[str]
    one_more: Method

    def places(self) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Of the names that both have: their positions in `new`, and those in `old`."""
        shared = [name for name in self.new if name in self.old]
        return tuple(self.new.index(name) for name in shared), tuple(self.old.index(name) for name in shared)


def transfer(tensors: Mapping[str, Tensor], method: Method, attributes: Attributes | None = None) -> Transfer:
    """Which weights of other networks a method's networks can take.

    A layer is taken if all its tensors have the shapes of the other one of its name. Where the attributes differ,
    a layer that reads or predicts them keeps the rows and columns of those that both have, if the method says where its
    networks have them (`Method.attributes_last`), and is new otherwise.

    Args:
        tensors: the other networks' weights, "network/name".
        method: the one that takes them.
        attributes: where the two methods have different ones, or the same in another order.
    """
    sizes = shapes(method)
    wider = {} if attributes is None else shapes(attributes.one_more)
    whole: dict[str, Tensor] = {}
    pieces: dict[str, Piece] = {}
    networks: dict[str, TakenNetwork] = {}
    for name, (own, parameters) in sizes.items():
        held = {key.partition("/")[2]: value for key, value in tensors.items() if key.startswith(f"{name}/")}
        more = wider[name][0] if wider else None
        taken, new_layers = 0, list[str]()
        for layer in dict.fromkeys(map(_layer, own)):
            keys = [key for key in own if _layer(key) == layer]
            found = {key: _fitting(key, own, held, more, attributes, name, method) for key in keys}
            learned = [key for key in keys if key in parameters]
            if any(value is None for value in found.values()):
                new_layers += [layer] if learned else []
                continue
            for key, value in found.items():
                if isinstance(value, Tensor):
                    whole[f"{name}/{key}"] = value
                elif value is not None:
                    pieces[f"{name}/{key}"] = value
                if key in parameters and value is not None:
                    taken += _count(value)
        networks[name] = TakenNetwork(
            taken, sum(_product(own[key]) for key in parameters), tuple(new_layers), bool(held)
        )
    return Transfer(whole, pieces, networks)


def shapes(method: Method) -> dict[str, tuple[Sizes, frozenset[str]]]:
    """Of each network the shapes of its tensors by name, and which of them are parameters. No weight is computed."""
    described: dict[str, tuple[Sizes, frozenset[str]]] = {}
    with seeded(0), torch.device("meta"):
        for name in method.plan.table.networks:
            network = method.networks[name]()
            sizes = {key: tuple(value.shape) for key, value in network.state_dict().items()}
            described[name] = sizes, frozenset(key for key, _ in network.named_parameters())
    return described


def _fitting(
    key: str,
    own: Sizes,
    held: Mapping[str, Tensor],
    wider: Sizes | None,
    attributes: Attributes | None,
    network: str,
    method: Method,
) -> Tensor | Piece | None:
    """The other network's tensor of this name, the part of it that fits, or None."""
    if key not in held:
        return None
    value, size = held[key], own[key]
    if attributes is None or wider is None or wider.get(key) == size:
        return value if tuple(value.shape) == size else None
    more = wider.get(key, ())
    differing = [axis for axis in range(len(size)) if len(more) != len(size) or more[axis] != size[axis]]
    if network not in method.attributes_last or len(differing) != 1 or value.dim() != len(size):
        return None
    axis = differing[0]
    before = size[axis] - len(attributes.new)
    others = tuple(value.shape[:axis]) + tuple(value.shape[axis + 1 :])
    fits = others == size[:axis] + size[axis + 1 :] and value.shape[axis] - len(attributes.old) == before
    if more[axis] != size[axis] + 1 or not fits:
        return None
    to, of = attributes.places()
    first = tuple(range(before))
    return Piece(value, axis, first + tuple(before + i for i in to), first + tuple(before + i for i in of))


def _layer(key: str) -> str:
    """The layer that a tensor belongs to: "body.0" of "body.0.weight" and "body.0.parametrizations.weight.original"."""
    return key.partition(_PARAMETRIZED)[0] if _PARAMETRIZED in key else key.rpartition(".")[0]


def _parametrized(key: str) -> tuple[str, str]:
    """Layer and weight: ("embedding", "weight") of "embedding.parametrizations.weight.original"."""
    layer, _, rest = key.partition(_PARAMETRIZED)
    return layer, rest.partition(".")[0]


def _count(value: Tensor | Piece) -> int:
    if isinstance(value, Tensor):
        return value.numel()
    return value.value.numel() // max(1, value.value.shape[value.axis]) * len(value.of)


def _product(size: tuple[int, ...]) -> int:
    return torch.Size(size).numel()
