"""Batch norm over the global batch of several processes.

`torch.nn.SyncBatchNorm` refuses tensors on a CPU and has no second derivative, which gradient penalties need. This norm
has neither limit: its statistics come from an all-reduce that can be differentiated any number of times.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from itertools import chain
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.modules.batchnorm import _BatchNorm

from edgan.training import distributed


class _Synced(_BatchNorm):
    """Normalises with the mean and variance of all processes' shares, which have equal sizes."""

    def forward(self, input: Tensor) -> Tensor:
        """(N, C) or (N, C, H, W) to the same shape; N of each process is equal."""
        if not self.training and self.running_mean is not None:
            return super().forward(input)
        maps = input if input.dtype == torch.float64 else input.float()
        others = [dim for dim in range(maps.dim()) if dim != 1]
        shape = [1, -1, *[1] * (maps.dim() - 2)]
        count = maps.numel() // maps.shape[1] * distributed.size()
        mean = distributed.all_sum(maps.sum(others)) / count
        centred = maps - mean.view(shape)
        variance = distributed.all_sum(centred.square().sum(others)) / count
        self._track(mean.detach(), variance.detach(), count)
        output = centred * torch.rsqrt(variance + self.eps).view(shape)
        if self.weight is not None:
            output = output * self.weight.view(shape) + self.bias.view(shape)
        return output.to(input.dtype)

    @torch.no_grad()
    def _track(self, mean: Tensor, variance: Tensor, count: int) -> None:
        """Update the running statistics as torch does: with the unbiased variance."""
        if not self.track_running_stats or self.running_mean is None:
            return
        assert self.running_var is not None
        assert self.num_batches_tracked is not None
        self.num_batches_tracked.add_(1)
        share = 1.0 / float(self.num_batches_tracked) if self.momentum is None else self.momentum
        self.running_mean.lerp_(mean.to(self.running_mean), share)
        self.running_var.lerp_((variance * (count / max(1, count - 1))).to(self.running_var), share)


class _Synced1d(_Synced, nn.BatchNorm1d):
    pass


class _Synced2d(_Synced, nn.BatchNorm2d):
    pass


SYNCED: Mapping[type[nn.Module], type[nn.Module]] = {nn.BatchNorm1d: _Synced1d, nn.BatchNorm2d: _Synced2d}


def synced(networks: Mapping[str, nn.Module]) -> dict[str, nn.Module]:
    """The networks for a training in several processes.

    A network with batch norm is copied, and the copy shares all parameters and buffers with it. The original still
    computes alone, for what a single process looks at. A single process gets the networks as they are.

    Args:
        networks: by name, on their device.
    """
    if distributed.size() == 1:
        return dict(networks)
    return {name: _copy(network) if _has_norm(network) else network for name, network in networks.items()}


def _has_norm(network: nn.Module) -> bool:
    return any(type(module) in SYNCED for module in network.modules())


def _copy(network: nn.Module) -> nn.Module:
    shared: dict[int, Any] = {id(tensor): tensor for tensor in chain(network.parameters(), network.buffers())}
    twin = copy.deepcopy(network, shared)
    for module in twin.modules():
        if type(module) in SYNCED:
            module.__class__ = SYNCED[type(module)]
    return twin
