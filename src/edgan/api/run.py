"""A training on disk: what it was trained with, and the model that came out."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from edgan.config import Configuration
from edgan.models.loading import load
from edgan.models.model import Model
from edgan.storage.run_folder import RunFolder


@dataclass(frozen=True)
class Run:
    """A training on disk.

    Attributes:
        path: its folder.
        configuration: what it was trained with.
    """

    path: Path
    configuration: Configuration

    def load(self, device: str = "auto") -> Model:
        """The trained model."""
        return load(self.path, device)

    def log(self) -> list[dict[str, Any]]:
        """The lines of log.jsonl, oldest first."""
        return RunFolder.open(self.path).read_log()
