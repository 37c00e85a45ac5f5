"""Work that several processes share: each computes some of the rows, and all of them then have all rows.

`edgan.training.distributed` joins the processes that torchrun started. Here is what the layers below it need.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TypeVar

import torch
import torch.distributed as dist
from torch import Tensor

from edgan.errors import EdganError

Key = TypeVar("Key")
Value = TypeVar("Value")


class LostProcessError(EdganError):
    """An exchange failed because another process has ended."""

    consequence = True


@dataclass(frozen=True)
class Processes:
    """The processes that share some work, as one of them sees them.

    Attributes:
        rank: 0 to size - 1.
        size: number of processes. Several belong to torch's process group.
    """

    rank: int
    size: int

    @property
    def is_main(self) -> bool:
        """Whether this is the process that writes what all of them computed."""
        return self.rank == 0

    def share(self, count: int) -> range:
        """This process's positions among `count`. The shares are consecutive, in the order of the ranks.

        They differ by one at most; some are empty where there are fewer positions than processes.
        """
        return range(count * self.rank // self.size, count * (self.rank + 1) // self.size)

    def gathered(self, value: Value) -> list[Value]:
        """What each process has, in the order of the ranks. All processes call this at the same point.

        Args:
            value: anything that can be pickled; tensors on the CPU.

        Raises:
            EdganError: another process has ended.
        """
        if self.size == 1:
            return [value]
        values: list[Value | None] = [None] * self.size
        with exchange("gathering results"):
            dist.all_gather_object(values, value)
        return values  # type: ignore[return-value]

    def united(self, own: Mapping[Key, Value]) -> dict[Key, Value]:
        """The items of all processes, in the order of the ranks.

        Raises:
            EdganError: another process has ended.
        """
        return {key: value for items in self.gathered(own) for key, value in items.items()}

    def rows(self, count: int, compute: Callable[[slice], tuple[Tensor, ...]]) -> tuple[Tensor, ...]:
        """The rows of tensors, of which each process computes its share.

        Args:
            count: of the rows, or of the chunks that they are computed in; at least 1.
            compute: some of these to their rows, on the CPU. The result for one must not depend on the others.

        Raises:
            EdganError: another process has ended.
        """
        share = self.share(count)
        gathered = self.gathered(compute(slice(share.start, share.stop)) if share else None)
        made = [tensors for tensors in gathered if tensors is not None]
        return made[0] if len(made) == 1 else tuple(torch.cat(shares) for shares in zip(*made, strict=True))


ALONE = Processes(0, 1)
"""A process that shares its work with no other."""


@contextmanager
def exchange(doing: str) -> Iterator[None]:
    """Turns a failed exchange into a sentence. The cause is nearly always in another process's output."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        raise LostProcessError(
            f"The processes of this run lost each other while {doing}: {str(error).splitlines()[0]}. "
            "Read the output of the other processes, then resume the run or repeat the call."
        ) from error
