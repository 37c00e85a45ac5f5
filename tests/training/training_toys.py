"""A training so small that many fit into a test, and what it takes to compare two of them bit for bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import torch

from edgan.api.training import Run, train
from edgan.storage import checkpoint
from edgan.storage.checkpoint import Snapshot
from edgan.storage.run_folder import RunFolder
from edgan.training.progress import Progress

SIZE, BATCH = 32, 4
TINY: Mapping[str, Any] = {
    "discriminator.kind": "paper",
    "discriminator.augment": "never",
    "optimiser.lr": 2e-4,
    "network.width": 4,
    "network.max_width": 8,
    "network.norm": "batch",
    "discriminator.width": 4,
    "discriminator.max_width": 8,
    "discriminator.norm": "instance",
    "latent.size": 8,
    "latent.prior": "aae",
    "penalty.weight": 1.0,
    "penalty.every": 3,
    "ema": 0.9,
    "checkpoint_every": 3,
    "evaluate_every": 10,
    "preview_every": 30,
    "log_every": 1,
}
"""Everything that a resumed run must get right: batch norm, a lazy penalty, noise of a prior, averaged weights."""


class PowerCutError(Exception):
    """Ends a training at once, as far as one process can do that to itself."""


def cut_at(step: int) -> Callable[[Progress], None]:
    """A watcher that ends the training after a step, before that step could be saved."""

    def watch(progress: Progress) -> None:
        if progress.step == step:
            raise PowerCutError

    return watch


def train_tiny(data: Path, out: Path, steps: int, *, method: str = "ed-slash-gan", **options: Any) -> Run:
    """Train the tiny model; `set` differs from TINY. The preset's rates do not depend on the number of steps."""
    settings = {**TINY, **options.pop("set", {})}
    options.setdefault("preset", "small")
    return train(method, data, out, size=SIZE, batch=BATCH, steps=steps, device="cpu", set=settings, **options)


def last(out: Path) -> Snapshot:
    """The newest checkpoint of a run, which must be whole."""
    newest = checkpoint.newest(RunFolder(out).checkpoints)
    assert newest is not None
    snapshot, damaged = newest
    assert damaged == []
    return snapshot


def log_without_time(out: Path) -> list[dict[str, Any]]:
    """The log's lines but for the seconds, which no resumed run can repeat."""
    lines = RunFolder(out).read_log()
    return [{key: value for key, value in line.items() if key != "seconds"} for line in lines]


def assert_same_tensors(first: Snapshot, second: Snapshot) -> None:
    """Weights, averages, optimisers and random states are equal bit for bit."""
    assert first.tensors["networks"]
    for group in checkpoint.GROUPS:
        mine, others = first.tensors[group], second.tensors[group]
        assert mine.keys() == others.keys()
        differing = [name for name in mine if not _same_bits(mine[name], others[name])]
        assert differing == [], f"{group}: {len(differing)} of {len(mine)} tensors differ"


def assert_same_run(first: Path, second: Path) -> None:
    """Two runs are one training: the same end, the same counters, the same log, the same best checkpoint."""
    mine, others = last(first), last(second)
    assert mine.step == others.step
    assert_same_tensors(mine, others)
    assert {**mine.state, "spent": 0} == {**others.state, "spent": 0}
    assert log_without_time(first) == log_without_time(second)
    best = [checkpoint.best(RunFolder(out).checkpoints) for out in (first, second)]
    assert (best[0] and best[0].name) == (best[1] and best[1].name)


def _same_bits(first: torch.Tensor, second: torch.Tensor) -> bool:
    if first.dtype != second.dtype or first.shape != second.shape:
        return False
    return torch.equal(*(tensor.contiguous().view(-1).view(torch.uint8) for tensor in (first, second)))
