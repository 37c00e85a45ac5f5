"""One process's part of a folder, where several processes share the work."""

from __future__ import annotations

import re
from dataclasses import dataclass

from edgan.errors import UsageError, counted
from edgan.processes import Processes

FORM = re.compile(r"([0-9]{1,9})/([0-9]{1,9})")


@dataclass(frozen=True)
class Shard:
    """Part `number` of `count`, 1 to `count`: every `count`-th picture in name order, from the `number`-th on."""

    number: int
    count: int

    @property
    def suffix(self) -> str:
        """What a file that each shard writes has after its stem: "-2-of-8"; empty where there is one shard."""
        return f"-{self.number}-of-{self.count}" if self.count > 1 else ""

    def among(self, processes: Processes) -> Shard:
        """The shard that one of several processes takes of this one: every `size`-th of its pictures."""
        return Shard(self.number + self.count * processes.rank, self.count * processes.size)

    def positions(self, pictures: int) -> range:
        """The positions of this shard's pictures among all.

        Raises:
            UsageError: there are fewer pictures than shards, and none is left for this one.
        """
        chosen = range(self.number - 1, pictures, self.count)
        if not chosen:
            there = counted(pictures, "picture")
            raise UsageError(
                f"cannot be {self.number}/{self.count}: the input has {there}, so N must be at most {pictures}.",
                parameter="shard",
            )
        return chosen


WHOLE = Shard(1, 1)


def parse_shard(text: str | None) -> Shard:
    """A shard from "I/N", such as "2/8"; None is the whole.

    Raises:
        UsageError: it is not of that form, or I is not from 1 to N.
    """
    if text is None:
        return WHOLE
    numbers = FORM.fullmatch(text.strip())
    if numbers is None or not 1 <= int(numbers[1]) <= int(numbers[2]):
        raise UsageError(f"must be I/N with I from 1 to N, such as 2/8 (got {text!r}).", parameter="shard")
    return Shard(int(numbers[1]), int(numbers[2]))
