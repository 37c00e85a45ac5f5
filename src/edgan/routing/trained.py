"""Which weights of a network a training may change."""

from __future__ import annotations

from collections.abc import Iterable

from torch import nn


def trained_parameters(name: str, network: nn.Module, fixed_layers: Iterable[str]) -> list[nn.Parameter]:
    """The parameters of a network but for those of its fixed layers.

    Args:
        name: of its column.
        network: the module.
        fixed_layers: "NETWORK.LAYER", as in `Plan.fixed_layers`; those of other networks are passed over.
    """
    fixed = tuple(f"{layer}." for layer in fixed_layers)
    return [parameter for key, parameter in network.named_parameters() if not f"{name}.{key}.".startswith(fixed)]
