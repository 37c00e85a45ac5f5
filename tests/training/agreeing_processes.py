"""Four methods, trained for some steps by however many processes there are."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch

from edgan.config import configure
from edgan.data import open_dataset
from edgan.methods import Shape
from edgan.storage.run_folder import RunFolder
from edgan.training import distributed
from edgan.training.loop import Trainer

SIDE, BATCH = 32, 8
NARROW = {"network.width": 4, "network.max_width": 8, "discriminator.width": 4, "discriminator.max_width": 8}
NO_NORM = {"network.norm": "none", "discriminator.norm": "none"}
METHODS: Mapping[str, Mapping[str, Any]] = {
    "ed-slash-gan": {**NARROW, **NO_NORM, "generator.norm": "none", "penalty.weight": 1.0, "penalty.every": 4},
    "cdnet": {
        "network.width": 4,
        "network.latent_norm": "none",
        "network.dropout": 0.0,
        "discriminator.width": 4,
        "discriminator.dropout": 0.0,
        "discriminator.norm": "instance",
        "classifier_steps": 10,
    },
    "wgan-gp": {"network.width": 4, **NO_NORM},
    "uu-net": {**NARROW, **NO_NORM, "variant": "v4"},
}
ROUTES = {"cdnet": {"decorrelation.encoder": "0"}}
"""Distance covariance compares the pictures of one process, and so is not that of the whole batch."""
SGD = {"name": "sgd", "lr": 1e-3, "beta1": 0.0}


def train(method: str, data: Path, steps: int, world: distributed.World) -> dict[str, torch.Tensor]:
    """The weights after so many steps by SGD in float32; after 0, those that it starts from."""
    given = {"size": SIDE, "batch": BATCH, "steps": max(1, steps), "device": "cpu", "precision": "float32"}
    configuration = configure(method, "small", METHODS[method], **given)
    networks = ["optimiser", *(f"optimisers.{network}" for network in configuration.optimisers)]
    sgd = {f"{which}.{name}": value for which in networks for name, value in SGD.items()}
    configuration = configure(method, "small", {**METHODS[method], **sgd}, ROUTES.get(method), **given)
    dataset = open_dataset(data / ("facades" if method == "uu-net" else "faces"), size=SIDE)
    built = configuration.build(Shape.of(dataset))
    training = Trainer(configuration, built, dataset, RunFolder(data / "nothing-is-written"), world)
    for _ in range(steps):
        assert training.advance() is not None
    return {
        f"{network}/{name}": value.detach().clone()
        for network, module in training.networks.items()
        for name, value in module.named_parameters()
    }


def write_weights(data: str, out: str, steps: str) -> None:
    """One process of several: each method's weights as METHOD.pt in a folder, from the main one."""
    world = distributed.start("cpu")
    try:
        for method in METHODS:
            weights = train(method, Path(data), int(steps), world)
            if world.is_main:
                torch.save(weights, Path(out) / f"{method}.pt")
    finally:
        distributed.stop()
