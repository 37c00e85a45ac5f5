"""Weights of several networks under flat names, "network/name"."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import Tensor, nn

from edgan._version import __version__
from edgan.errors import EdganError


def flat_networks(networks: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """All weights and buffers by "network/name"."""
    return {f"{name}/{key}": value for name, net in networks.items() for key, value in net.state_dict().items()}


def load_networks(networks: Mapping[str, nn.Module], tensors: Mapping[str, Tensor]) -> None:
    """Load flat weights. They must hold all weights and buffers of every network given.

    Raises:
        EdganError: they are of other networks than these, as another version of edgan may build.
    """
    for name, network in networks.items():
        prefix = f"{name}/"
        own = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        try:
            network.load_state_dict(own)
        except RuntimeError as error:
            difference = str(error).splitlines()[-1].strip().rstrip(".")
            raise EdganError(
                f"The saved weights do not fit the network {name!r} that this edgan {__version__} builds for the run "
                f"({difference}). Use the version of edgan that the run was trained with."
            ) from error


def non_finite(networks: Mapping[str, nn.Module]) -> str | None:
    """The first weight or buffer, "network/name", that holds NaN or infinity; None if all are finite."""
    tensors = flat_networks(networks).items()
    return next((name for name, value in tensors if not torch.isfinite(value).all()), None)
