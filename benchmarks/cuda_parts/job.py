"""What a part is, and what it is handed when it runs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch

from benchmarks.cuda_parts.unpack import unpack
from edgan.errors import EdganError

Figures = dict[str, Any]


class NotRunError(EdganError):
    """A part lacks something that this machine or call does not have; nothing is recorded, so a later call tries it."""


@dataclass(frozen=True)
class Need:
    """A set that a part reads: its name, and the side in pixels at which the part trains."""

    name: str
    side: int


@dataclass(frozen=True)
class Outcome:
    """What a part found.

    Attributes:
        figures: numbers and sentences, as JSON can hold them.
        settings: all that the figures depend on.
        whole: False where the time ended first and another call should go on.
    """

    figures: Figures
    settings: Mapping[str, Any]
    whole: bool = True


@dataclass(frozen=True)
class Part:
    """A piece of the quarter hour.

    Attributes:
        name: of its result, `cuda-NAME.json`.
        about: a sentence.
        seconds: its estimate, which is also the time that it is given.
        work: does it.
        needs: the sets that it reads.
        rehearsed: whether a toy run includes it where no part is named.
    """

    name: str
    about: str
    seconds: float
    work: Callable[[Job], Outcome]
    needs: tuple[Need, ...] = ()
    rehearsed: bool = True


@dataclass(frozen=True)
class Job:
    """One part at work.

    Attributes:
        part: which one.
        device: where it computes.
        toy: sizes for a rehearsal on a CPU.
        data: the folder of packed sets; None where none was carried along.
        out: where pictures and weights go: OUT/PART.
        scratch: for whatever may go afterwards; all parts of a call share it.
        until: when its time ends, by `time.monotonic`.
        before: figures that an unfinished earlier call left; {} where there are none.
        keep: writes figures into the result at once, so that a stop loses little.
        say: called with a sentence as work goes on.
        weights_limit: no weights of more bytes than this are kept.
    """

    part: Part
    device: torch.device
    toy: bool
    data: Path | None
    out: Path
    scratch: Path
    until: float
    before: Figures = field(default_factory=dict)
    keep: Callable[[Figures], None] = lambda _: None
    say: Callable[[str], None] = lambda _: None
    weights_limit: int = 100_000_000

    @property
    def left(self) -> float:
        """Seconds until its time ends."""
        return self.until - time.monotonic()

    @property
    def is_cuda(self) -> bool:
        """Whether it computes on a CUDA device."""
        return self.device.type == "cuda"

    def folder(self, name: str) -> Path:
        """The folder of a set that the part needs, unpacked once in a call.

        Raises:
            NotRunError: it was not carried along, or is smaller than the part needs.
        """
        side = next(need.side for need in self.part.needs if need.name == name)
        return once(self.scratch / "sets" / name, partial(self._unpack, name, 0 if self.toy else side))

    def _unpack(self, name: str, side: int, folder: Path) -> None:
        pack = None if self.data is None else self.data / f"{name}.npz"
        again = f"python -m benchmarks.on_cuda pack --from SETS --to DIR --parts {self.part.name}"
        if pack is None or not pack.is_file():
            raise NotRunError(f"The part needs the set {name}, which is not in --data. Pack it: {again}")
        packed = unpack(pack, folder)
        if 0 < packed < side:
            raise NotRunError(
                f"{pack} holds pictures of {packed} px, and the part needs {side} px. Pack again: {again}"
            )


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """A folder that is made when first asked for, aside first, so that a failure leaves nothing half made.

    Args:
        folder: where it is.
        make: makes it at the path that it is given, which is not there yet.
    """
    if not folder.is_dir():
        aside = folder.with_name(f".{folder.name}-{time.monotonic_ns()}")
        aside.parent.mkdir(parents=True, exist_ok=True)
        make(aside)
        aside.rename(folder)
    return folder
