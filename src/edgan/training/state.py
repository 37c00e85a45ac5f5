"""From a training to a snapshot and back, bit for bit."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from torch import Tensor, nn
from torch.optim import Optimizer

from edgan.data import Dataset
from edgan.methods import Method
from edgan.storage.checkpoint import Snapshot
from edgan.storage.weights import flat_networks, load_networks
from edgan.training.ema import Average
from edgan.training.optimiser_state import flatten_optimiser, restore_optimiser
from edgan.training.random_state import capture_random_state, restore_random_state


class Resumable(Protocol):
    """The part of a training that a snapshot keeps."""

    method: Method
    dataset: Dataset
    networks: Mapping[str, nn.Module]
    optimisers: Mapping[str, Optimizer]
    average: Average
    step: int
    rollbacks: int
    best: float
    spent: float


def snapshot(trainer: Resumable) -> Snapshot:
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


def restore(trainer: Resumable, saved: Snapshot) -> None:
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
