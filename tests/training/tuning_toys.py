"""Short trainings that start from another run, and what they began with."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from torch import Tensor

from edgan.api.training import Run, train
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder

CDNET = {
    "network.width": 4,
    "network.hidden": "8",
    "network.latent": 5,
    "discriminator.stem": 3,
    "discriminator.width": 4,
    "discriminator.max_width": 4,
    "discriminator.hidden": 4,
}
BRIEF = {"classifier_steps": 1, "decorrelation.over": 2}
SHORT: dict[str, Any] = {"batch": 4, "steps": 3, "device": "cpu", "preset": "small"}
GAN = {"network.width": 4, "latent.size": 6}


def tune(run: Run | Path | str, data: Path, out: Path, method: str = "ed-slash-gan", **options: Any) -> tuple[Run, str]:
    """A short training from a run, and what it said."""
    said: list[str] = []
    start = run.path if isinstance(run, Run) else run
    result = train(method, data, out, start_from=start, warn=said.append, **{**SHORT, **options})
    return result, "\n".join(said)


def first(run: Run) -> dict[str, dict[str, Tensor]]:
    """The tensors that a run began with."""
    path = RunFolder(run.path).checkpoints / checkpoint.FIRST
    return {group: dict(tensors) for group, tensors in checkpoint.load(path).tensors.items()}


def record(run: Run) -> dict[str, Any]:
    return RunFolder(run.path).read_run()["started_from"]
