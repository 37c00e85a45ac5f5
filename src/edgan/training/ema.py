"""An exponential moving average of weights, for inference."""

from __future__ import annotations

import copy
from collections.abc import Iterable, Mapping

import torch
from torch import Tensor, nn


class Average:
    """Averaged copies of networks.

    The decay grows with the step as min(decay, (1 + step) / (10 + step)), so that the random start fades quickly.
    Buffers (running statistics) are copied, not averaged.

    Args:
        networks: the networks in training.
        names: the networks to average.
        decay: in [0, 1).
    """

    def __init__(self, networks: Mapping[str, nn.Module], names: Iterable[str], decay: float) -> None:
        self.decay = decay
        self.networks = {name: copy.deepcopy(networks[name]).requires_grad_(False).eval() for name in sorted(names)}
        self._live: list[Tensor] = [p for name in self.networks for p in networks[name].parameters()]
        self._kept: list[Tensor] = [p for network in self.networks.values() for p in network.parameters()]
        self._live_buffers: list[Tensor] = [b for name in self.networks for b in networks[name].buffers()]
        self._kept_buffers: list[Tensor] = [b for network in self.networks.values() for b in network.buffers()]

    @torch.no_grad()
    def update(self, step: int) -> None:
        """Add the networks' current weights, after `step` steps."""
        if self._kept:
            weight = 1.0 - min(self.decay, (1 + step) / (10 + step))
            torch._foreach_lerp_(self._kept, self._live, weight)
        if self._kept_buffers:
            torch._foreach_copy_(self._kept_buffers, self._live_buffers)
