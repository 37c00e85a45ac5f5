"""Values that depend on frozen networks and the image alone: computed once per image and kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from edgan.routing.plan import Plan
from edgan.routing.term import BATCH_FIELDS

CHUNK = 64
LIMIT = 2**29
"""Bytes per tap. A tap that needs more for all images is computed at every step instead."""


@dataclass(frozen=True)
class Source:
    """The data set that batches are drawn from, so that kept values can be computed outside a batch.

    Attributes:
        count: how many images there are.
        fields: the batch fields of the images at these positions.
    """

    count: int
    fields: Callable[[Tensor], Mapping[str, Tensor]]


def kept_taps(plan: Plan, stage: int) -> tuple[str, ...]:
    """The taps whose values a stage can keep for each image.

    They depend on frozen networks and the image alone, draw no noise, and are read by a tap or term that changes. If
    frozen networks run on batch statistics, nothing is kept: a value then depends on its batch.

    Args:
        plan: the plan.
        stage: the stage's index.
    """
    if plan.stages[stage].frozen != "running":
        return ()
    stepped = set(plan.stages[stage].networks)

    def is_fixed(name: str) -> bool:
        taps = [plan.tap[n] for n in plan.needed([name])]
        plain = all(tap.noise is None and not tap.leaf for tap in taps)
        return plain and bool(plan.networks_behind(name)) and not plan.networks_behind(name) & stepped

    terms = [term for network in sorted(stepped) for term, _ in plan.table.column(network)]
    asked = plan.needed(name for term in terms for name in term.taps)
    readers = {source for name in asked if not is_fixed(name) for source in plan.tap[name].inputs}
    readers |= {name for term in terms for name in term.taps}
    return tuple(name for name in asked if name in readers and name not in BATCH_FIELDS and is_fixed(name))


class Kept:
    """Values of kept taps, one row per image, computed on first use.

    Images are processed in chunks given by their positions, whichever batch comes first, so a resumed training computes
    the same bits.

    Args:
        names: from `kept_taps`.
        source: the images.
        compute: batch fields -> the named taps' values.
    """

    def __init__(
        self, names: tuple[str, ...], source: Source, compute: Callable[[Mapping[str, Tensor]], Mapping[str, Any]]
    ) -> None:
        self.names = names
        self._source = source
        self._compute = compute
        self._rows: dict[str, Tensor] = {}
        self._done: set[int] = set()
        self._too_large: set[str] = set()

    def rows(self, index: Tensor) -> dict[str, Tensor]:
        """The values (N, ...) of the images at these positions, without the taps that are too large to keep.

        Args:
            index: (N,) on the CPU, where the host can look at it without waiting.
        """
        for chunk in sorted(set((index // CHUNK).tolist()) - self._done):
            if self._too_large != set(self.names):
                self._fill(chunk)
        if not self._rows:
            return {}
        device = next(iter(self._rows.values())).device
        at = index.pin_memory().to(device, non_blocking=True) if device.type == "cuda" else index.to(device)
        return {name: rows[at] for name, rows in self._rows.items()}

    @torch.no_grad()
    def _fill(self, chunk: int) -> None:
        where = torch.arange(chunk * CHUNK, min((chunk + 1) * CHUNK, self._source.count))
        for name, value in self._compute(self._source.fields(where)).items():
            if value[0].nbytes * self._source.count > LIMIT:
                self._too_large.add(name)
                continue
            if name not in self._rows:
                self._rows[name] = value.new_empty((self._source.count, *value.shape[1:]))
            self._rows[name][where.to(value.device)] = value
        self._done.add(chunk)
