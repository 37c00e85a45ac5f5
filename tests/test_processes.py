"""Shares of processes: consecutive, nearly equal, and together everything."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor

from edgan.api.shard import Shard
from edgan.processes import ALONE, Processes


@pytest.mark.parametrize(("count", "size"), [(5, 2), (5, 4), (1, 3), (0, 2), (128, 8)])
def test_shares_are_consecutive_and_differ_by_one_at_most(count: int, size: int) -> None:
    shares = [Processes(rank, size).share(count) for rank in range(size)]
    assert [place for share in shares for place in share] == list(range(count))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1


def test_the_shards_of_processes_are_the_shards_of_a_shard() -> None:
    assert [Shard(2, 3).among(Processes(rank, 2)) for rank in (0, 1)] == [Shard(2, 6), Shard(5, 6)]
    both = [place for rank in (0, 1) for place in Shard(2, 3).among(Processes(rank, 2)).positions(20)]
    assert sorted(both) == list(Shard(2, 3).positions(20))


def test_rows_are_in_order_and_computed_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where a process has none. The other processes' rows are computed here in their place."""

    def squares(rows: slice) -> tuple[Tensor, ...]:
        asked.append(rows)
        values = torch.arange(rows.start, rows.stop)
        return values.square(), -values

    def gathered(self: Processes, value: Any) -> list[Any]:
        shares = [Processes(rank, self.size).share(2) for rank in range(self.size)]
        return [squares(slice(share.start, share.stop)) if share else None for share in shares]

    asked: list[slice] = []
    compute: Callable[[slice], tuple[Tensor, ...]] = squares
    alone = ALONE.rows(2, compute)
    assert asked == [slice(0, 2)]
    monkeypatch.setattr(Processes, "gathered", gathered)
    for first, second in zip(alone, Processes(0, 3).rows(2, compute), strict=True):
        assert torch.equal(first, second)
    assert [rows for rows in asked if rows.start == rows.stop] == []
