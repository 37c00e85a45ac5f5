"""Weights of several networks under flat names, "network/name"."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn


def flat_networks(networks: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """All weights and buffers by "network/name"."""
    return {f"{name}/{key}": value for name, net in networks.items() for key, value in net.state_dict().items()}


def load_networks(networks: Mapping[str, nn.Module], tensors: Mapping[str, Tensor]) -> None:
    """Load flat weights. They must hold all weights and buffers of every network given."""
    for name, network in networks.items():
        prefix = f"{name}/"
        network.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})


def non_finite(networks: Mapping[str, nn.Module]) -> str | None:
    """The first weight or buffer, "network/name", that holds NaN or infinity; None if all are finite."""
    tensors = flat_networks(networks).items()
    return next((name for name, value in tensors if not torch.isfinite(value).all()), None)
