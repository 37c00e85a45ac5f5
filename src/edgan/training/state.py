"""From a training to a snapshot and back, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

import torch
from torch import Tensor, nn

from edgan.training.checkpoint import Snapshot
from edgan.training.optimiser_state import flatten_optimiser, restore_optimiser
from edgan.training.random_state import capture_random_state, restore_random_state

if TYPE_CHECKING:
    from edgan.training.loop import Trainer


def flat_networks(networks: Mapping[str, nn.Module]) -> dict[str, Tensor]:
    """All weights and buffers by "network/name"."""
    return {f"{name}/{key}": value for name, net in networks.items() for key, value in net.state_dict().items()}


def load_networks(networks: Mapping[str, nn.Module], tensors: Mapping[str, Tensor]) -> None:
    """Put flat weights back; every network finds all of its own."""
    for name, network in networks.items():
        prefix = f"{name}/"
        network.load_state_dict({k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)})


def non_finite(networks: Mapping[str, nn.Module]) -> str | None:
    """The first weight or buffer, "network/name", that holds NaN or an infinity; None where all are finite."""
    tensors = flat_networks(networks).items()
    return next((name for name, value in tensors if not torch.isfinite(value).all()), None)


def snapshot(trainer: Trainer) -> Snapshot:
    """Everything that the rest of the training depends on."""
    optimisers: dict[str, Tensor] = dict(capture_random_state())
    rests = {}
    for name, optimiser in trainer.optimisers.items():
        tensors, rests[name] = flatten_optimiser(optimiser)
        optimisers |= {f"{name}/{key}": value for key, value in tensors.items()}
    state = {
        "optimisers": rests,
        "rollbacks": trainer.rollbacks,
        "best": trainer.best if trainer.best > float("-inf") else None,
        "spent": trainer.spent,
        "table": trainer.method.plan.table.as_dict(),
        "digest": trainer.method.plan.table.digest(),
        "data": trainer.dataset.key,
    }
    groups = {
        "networks": flat_networks(trainer.networks),
        "ema": flat_networks(trainer.average.networks),
        "optimisers": optimisers,
    }
    return Snapshot(trainer.step, groups, state)


def restore(trainer: Trainer, saved: Snapshot) -> None:
    """Continue from a snapshot."""
    load_networks(trainer.networks, saved.tensors["networks"])
    load_networks(trainer.average.networks, saved.tensors["ema"])
    tensors = saved.tensors["optimisers"]
    for name, optimiser in trainer.optimisers.items():
        prefix = f"{name}/"
        own = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        restore_optimiser(optimiser, own, saved.state["optimisers"][name])
    restore_random_state(tensors)
    trainer.step = saved.step
    trainer.rollbacks = saved.state["rollbacks"]
    trainer.best = float("-inf") if saved.state["best"] is None else saved.state["best"]
    trainer.spent = saved.state["spent"]
