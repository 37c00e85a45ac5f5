"""Compiled networks train the same weights. The backend here only traces; it generates no code."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from benchmarks.cuda_parts.trainers import Sized, trainer
from edgan.training.compiling import compile_networks
from edgan.training.loop import Trainer

STEPS = 2
METHODS = {
    "ed-slash-gan": ({"encoder", "decoder", "generator"}, {}),
    "wgan-gp": ({"generator"}, {"discriminator.kind": "paper"}),
}
"""Networks that take part in several backwards; discriminators with a penalty, which stay as they are."""


def trained(method: str, scratch: Path, compiled: bool) -> tuple[Trainer, list[str]]:
    torch.manual_seed(0)
    changes = {**METHODS[method][1], "steps": 10}
    training = trainer(Sized(method, "small", 32, 4, 24), torch.device("cpu"), "float32", scratch, changes)
    names = compile_networks(training.networks, training.method.plan, "aot_eager") if compiled else []
    for _ in range(STEPS):
        assert training.advance() is not None
    return training, names


@pytest.mark.parametrize("method", METHODS)
def test_compiled_networks_train_the_same_weights(method: str, tmp_path: Path) -> None:
    (eager, _), (compiled, names) = (trained(method, tmp_path, way) for way in (False, True))
    assert set(names) == METHODS[method][0]
    for name, network in eager.networks.items():
        others = compiled.networks[name].state_dict()
        for key, value in network.state_dict().items():
            torch.testing.assert_close(value, others[key], rtol=1e-4, atol=1e-6, msg=f"{name}.{key}")
