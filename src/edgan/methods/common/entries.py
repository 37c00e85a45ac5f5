"""A range of the entries of a vector, for a network whose output holds several quantities."""

from __future__ import annotations

from dataclasses import dataclass

from torch import Tensor


@dataclass(frozen=True)
class Entries:
    """Entries `start` to `stop` of each vector; `stop` None means to the end."""

    start: int
    stop: int | None

    def __call__(self, vectors: Tensor) -> Tensor:
        """(N, ...) -> (N, stop - start)."""
        return vectors[:, self.start : self.stop]
