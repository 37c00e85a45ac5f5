"""A network that steps in two phases takes each step by that phase's losses, without the other phase's momentum."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn.functional import cosine_similarity

from edgan.config import configure
from edgan.methods import Shape
from edgan.routing import Executor, Inputs
from edgan.training.optimisers import optimisers_of

STEPS, SIZE, BATCH = 30, 32, 4
TINY = {"network.width": 8, "network.max_width": 16, "discriminator.width": 8, "discriminator.max_width": 16}
WITHOUT_CRITIC = {"critic.weight": 0.0}
LINKED = ("encoder", "decoder")


def pairs(step: int) -> Inputs:
    """Random pictures and the same pictures with their colours inverted and noise on top."""
    generator = torch.Generator().manual_seed(step)
    source = torch.rand(BATCH, 3, SIZE, SIZE, generator=generator) * 2 - 1
    source = nn.functional.avg_pool2d(source, 5, 1, 2)
    image = (-source + 0.1 * torch.randn(source.shape, generator=generator)).clamp(-1, 1)
    return Inputs(
        {"image": image, "source": source}, lambda _name, _kind, shape: torch.randn(BATCH, *shape, generator=generator)
    )


class Watched:
    """Records each step of an optimiser: the displacement against the gradient, the gradient and Adam's denominator.

    Each is a vector over all weights of the network.
    """

    def __init__(self, optimiser: torch.optim.Optimizer) -> None:
        self.parameters = [p for group in optimiser.param_groups for p in group["params"]]
        self.displacements: list[Tensor] = []
        self.gradients: list[Tensor] = []
        self.scales: list[Tensor] = []
        optimiser.register_step_pre_hook(self._before)
        optimiser.register_step_post_hook(self._after)

    def _before(self, _optimiser: Any, _args: Any, _kwargs: Any) -> None:
        self.weights = self._flat([p.detach().clone() for p in self.parameters])
        self.gradients.append(
            self._flat([torch.zeros_like(p) if p.grad is None else p.grad.clone() for p in self.parameters])
        )

    def _after(self, optimiser: Any, _args: Any, _kwargs: Any) -> None:
        self.displacements.append(self.weights - self._flat([p.detach() for p in self.parameters]))
        self.scales.append(self._flat([self._scale(optimiser, p) for p in self.parameters]))

    @staticmethod
    def _scale(optimiser: Any, parameter: Tensor) -> Tensor:
        """Adam's denominator; 1 for another optimiser, and for a parameter that no gradient has reached yet."""
        state, group = optimiser.state[parameter], optimiser.param_groups[0]
        if "exp_avg_sq" not in state:
            return torch.ones_like(parameter)
        variance = state["exp_avg_sq"] / (1 - group["betas"][1] ** float(state["step"]))
        return variance.sqrt() + group["eps"]

    @staticmethod
    def _flat(tensors: list[Tensor]) -> Tensor:
        return torch.cat([tensor.flatten() for tensor in tensors])


def watched_phase_of_d(preset: str, shared_state: bool = False) -> dict[str, Watched]:
    """The steps of each linked half of uu-net in the phase "discriminate", over the first STEPS of a training."""
    configuration = configure("uu-net", preset=preset, changes={**TINY, **WITHOUT_CRITIC})
    method = configuration.build(Shape(SIZE, 3, source_channels=3))
    torch.manual_seed(0)
    networks = method.build()
    optimisers = optimisers_of(configuration, method.plan, networks)
    if shared_state:
        optimisers |= {f"discriminate.{name}": optimisers[f"translate.{name}"] for name in LINKED}
    watched = {name: Watched(optimisers[f"discriminate.{name}"]) for name in LINKED}
    executor = Executor(method.plan, networks, optimisers)
    for step in range(STEPS):
        executor.step(0, step, lambda _, step=step: pairs(step))
    every = 2 if shared_state else 1  # a shared optimiser steps in D's phase first, then in the generator's
    for steps in (series for w in watched.values() for series in (w.displacements, w.gradients, w.scales)):
        steps[:] = steps[::every]
        assert len(steps) == STEPS
    return watched


def cosines(watched: Watched, preconditioned: bool = False) -> list[float]:
    """Of the displacement and the gradient at each step; preconditioned: the gradient divided as Adam divides it."""
    steps = zip(watched.displacements, watched.gradients, watched.scales, strict=True)
    return [float(cosine_similarity(d, g / s if preconditioned else g, dim=0)) for d, g, s in steps]


def test_in_the_phase_of_d_the_linked_halves_follow_the_gradient_of_d(record_property: pytest.RecordProperty) -> None:
    """In the preset quick each step is parallel to the gradient, and the sum of the steps nearly to its sum."""
    watched = watched_phase_of_d("quick")
    smallest = {name: min(cosines(w)) for name, w in watched.items()}
    over_all = {
        name: float(cosine_similarity(sum(w.displacements), sum(w.gradients), dim=0)) for name, w in watched.items()
    }
    record_property("smallest", smallest)
    record_property("over_all", over_all)
    assert min(smallest.values()) > 0.999
    assert min(over_all.values()) > 0.9


def test_with_momentum_the_phases_do_not_share_it(record_property: pytest.RecordProperty) -> None:
    """Adam's beta1 is .5 in the preset small: along independent gradients of one length its cosine is .87.

    With one state over both phases it is far lower: the momentum of the generator's own losses is mixed in.
    """
    own, shared = (
        {name: sum(cosines(w, preconditioned=True)) / STEPS for name, w in watched_phase_of_d("small", state).items()}
        for state in (False, True)
    )
    record_property("own_state", own)
    record_property("shared_state", shared)
    assert min(own.values()) > 0.8
    assert all(shared[name] < own[name] - 0.2 for name in LINKED)
