"""The optimisers of a training: for each network and each phase that steps it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import torch
from torch import Tensor, nn

from edgan.config import Configuration
from edgan.routing import Plan
from edgan.routing.trained import trained_parameters
from edgan.settings import OptimiserSettings
from edgan.training.rmsprop import RMSProp
from edgan.training.rmsprop_norm import RMSPropNorm

Optimisers = Mapping[str, torch.optim.Optimizer]
"""By the names in `Plan.optimiser_names`. Networks that step in one phase by equal settings share one."""


def optimisers_of(
    configuration: Configuration, plan: Plan, networks: Mapping[str, nn.Module]
) -> dict[str, torch.optim.Optimizer]:
    """The optimiser of each (phase, network) of the plan, with its settings.

    Networks of a phase with equal settings share one, which steps them at once; what it does to each is what one of its
    own would do. A network that no phase steps has none.
    """
    together: dict[tuple[str, OptimiserSettings, str], dict[str, list[nn.Parameter]]] = {}
    for (phase, network), name in plan.optimiser_names.items():
        parameters = trained_parameters(network, networks[network], plan.fixed_layers)
        settings = configuration.optimiser_of(network, phase)
        alone = name if settings.name == "rmsprop-norm" else ""  # its moment is one of all weights that it steps
        together.setdefault((phase, settings, alone), {})[name] = parameters
    optimisers: dict[str, torch.optim.Optimizer] = {}
    for (_, settings, _), members in together.items():
        optimisers |= dict.fromkeys(members, make_optimiser(settings, [p for group in members.values() for p in group]))
    return optimisers


def set_rates(
    configuration: Configuration, plan: Plan, optimisers: Optimisers, step: int, stage: int | None = None
) -> None:
    """Set each optimiser's learning rate for a step. It is a function of the step alone, so a resumed run has the same.

    Args:
        configuration: rates, and the steps at which they decay.
        plan: which network an optimiser steps.
        optimisers: as `optimisers_of` made them.
        step: counted from 0 within the stage; from the k-th number of `decay_at` on, the rate is lr * decay^k.
        stage: its index; the linear decay belongs to the last one, which it is unless given.
    """
    for (phase, network), name in plan.optimiser_names.items():
        settings = configuration.optimiser_of(network, phase)
        if settings.decay_at or settings.linear_from < 1.0:
            rate = settings.lr * settings.decay ** sum(step >= at for at in settings.decay_at)
            if stage is None or stage == len(plan.stages) - 1:
                rate *= linear_factor(settings, step, last_stage_steps(configuration, plan))
            for group in optimisers[name].param_groups:
                if isinstance(group["lr"], Tensor):
                    group["lr"].fill_(rate)
                else:
                    group["lr"] = rate


def last_stage_steps(configuration: Configuration, plan: Plan) -> int:
    """How many of a training's steps belong to its last stage."""
    return max(1, configuration.steps - sum(stage.steps or 0 for stage in plan.stages[:-1]))


def linear_factor(settings: OptimiserSettings, step: int, steps: int) -> float:
    """Factor of a linear decay: 1 up to `linear_from` of the steps, then falling to 0 after the last one."""
    start = settings.linear_from * steps
    return 1.0 if step < start else max(0.0, (steps - step) / (steps - start))


def make_optimiser(settings: OptimiserSettings, parameters: list[nn.Parameter]) -> torch.optim.Optimizer:
    """One optimiser. Adam is fused: one pass over the weights in memory per step.

    On a GPU the learning rate and the count of steps lie there too, so that a step needs nothing of the host and a CUDA
    graph can hold it.
    """
    device = next((parameter.device for parameter in parameters if parameter.is_cuda), None)
    on_gpu = device is not None
    rate: Any = torch.tensor(settings.lr, device=device) if on_gpu else settings.lr
    if settings.name == "adam":
        betas = (settings.beta1, settings.beta2)
        return torch.optim.Adam(parameters, rate, betas=betas, fused=True, capturable=on_gpu)
    if settings.name == "rmsprop":
        return RMSProp(parameters, rate, alpha=settings.beta2, capturable=on_gpu)
    if settings.name == "rmsprop-norm":
        return RMSPropNorm(parameters, rate, settings.beta2)
    return torch.optim.SGD(parameters, rate, momentum=settings.beta1)
