"""One optimiser a network."""

from __future__ import annotations

from collections.abc import Mapping

import torch
from torch import nn

from edgan.config import Configuration
from edgan.settings import OptimiserSettings


def optimisers_of(configuration: Configuration, networks: Mapping[str, nn.Module]) -> dict[str, torch.optim.Optimizer]:
    """An optimiser for each network, as configured."""
    return {
        name: make_optimiser(configuration.optimiser_of(name), list(network.parameters()))
        for name, network in networks.items()
    }


def set_rates(configuration: Configuration, optimisers: Mapping[str, torch.optim.Optimizer], step: int) -> None:
    """Give each optimiser the learning rate of a step: a pure function of the step, so that a resumed run has the same.

    Args:
        configuration: rates, and where they decay.
        optimisers: by network.
        step: counted from 0 within the stage; at the k-th number of `decay_at` the rate is lr * decay^k.
    """
    for name, optimiser in optimisers.items():
        settings = configuration.optimiser_of(name)
        if settings.decay_at:
            rate = settings.lr * settings.decay ** sum(step >= at for at in settings.decay_at)
            for group in optimiser.param_groups:
                group["lr"] = rate


def make_optimiser(settings: OptimiserSettings, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """One optimiser; Adam steps fused, which reads and writes each weight once."""
    if settings.name == "adam":
        betas = (settings.beta1, settings.beta2)
        return torch.optim.Adam(parameters, settings.lr, betas=betas, fused=True)
    if settings.name == "rmsprop":
        return torch.optim.RMSprop(parameters, settings.lr, alpha=settings.beta2)
    return torch.optim.SGD(parameters, settings.lr, momentum=settings.beta1)
