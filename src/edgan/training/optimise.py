"""One optimiser a network."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from edgan.config import Configuration, OptimiserSettings


def optimisers_of(configuration: Configuration, networks: Mapping[str, nn.Module]) -> dict[str, torch.optim.Optimizer]:
    """An optimiser for each network, as configured."""
    return {
        name: make_optimiser(configuration.optimiser_of(name), list(network.parameters()))
        for name, network in networks.items()
    }


def make_optimiser(settings: OptimiserSettings, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """One optimiser; Adam steps fused, which reads and writes each weight once."""
    if settings.name == "adam":
        betas = (settings.beta1, settings.beta2)
        return torch.optim.Adam(parameters, settings.lr, betas=betas, fused=True)
    if settings.name == "rmsprop":
        return torch.optim.RMSprop(parameters, settings.lr, alpha=settings.beta2)
    return torch.optim.SGD(parameters, settings.lr, momentum=settings.beta1)
