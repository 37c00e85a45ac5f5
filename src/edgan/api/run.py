"""A training on disk: what it was trained with, and the model that came out."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from torch import nn

from edgan.config import Configuration
from edgan.errors import EdganError
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.models.used_checkpoint import UsedCheckpoint
from edgan.storage.chosen_checkpoint import BEST, chosen_checkpoint
from edgan.storage.run_folder import RunFolder


@dataclass(frozen=True)
class Run:
    """A training on disk.

    Attributes:
        path: its folder.
        configuration: what it was trained with.
        networks: the person's own modules that it was trained with, by column.
    """

    path: Path
    configuration: Configuration
    networks: Mapping[str, nn.Module] = field(default_factory=dict, compare=False, repr=False)

    def load(self, device: str = "auto", checkpoint: str | int = BEST) -> Model:
        """The trained model, from the checkpoint "best", "newest" or that of a step."""
        return load(self.path, device, checkpoint, self.networks)

    def checkpoint(self) -> UsedCheckpoint:
        """The checkpoint that `load` and the verbs read unless another one is asked for.

        Raises:
            EdganError: the run holds no checkpoint.
        """
        folder = RunFolder.open(self.path).checkpoints
        chosen = chosen_checkpoint(folder, BEST, ())
        if chosen is None:
            raise EdganError(f"{folder} holds no checkpoint.")
        snapshot, best, _ = chosen
        return UsedCheckpoint.of(snapshot, best)

    @property
    def step(self) -> int:
        """How many steps were done; fewer than were asked for where the training stopped early."""
        return max((line["step"] for line in self.log()), default=0)

    def log(self) -> list[dict[str, Any]]:
        """The lines of log.jsonl, oldest first."""
        return RunFolder.open(self.path).read_log()
