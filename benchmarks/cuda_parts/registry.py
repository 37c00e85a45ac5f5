"""All parts of the quarter hour, most valuable first."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatch

from benchmarks.cuda_parts import ledger, real, show
from benchmarks.cuda_parts.correctness import correctness
from benchmarks.cuda_parts.graphs import graphs
from benchmarks.cuda_parts.job import Part
from benchmarks.cuda_parts.record import ROOT
from benchmarks.cuda_parts.steps import steps_of_default, steps_of_paper
from edgan.errors import UsageError, near_miss

FIRST = (
    Part("correctness", "every method on this device against the CPU, 20 steps each", 170, correctness),
    Part("graphs", "steps as CUDA graphs, eager and by hand: the same weights, and how fast", 170, graphs),
    Part("steps-default", "the step table at each method's default preset", 150, steps_of_default),
    Part("steps-paper", "the step table at the preset paper", 180, steps_of_paper),
)


def all_parts() -> tuple[Part, ...]:
    """Every part in its order."""
    return (*FIRST, *show.PARTS, *real.PARTS, *ledger.parts(ROOT / "results"))


def chosen(patterns: Sequence[str], parts: Iterable[Part], toy: bool = False) -> list[Part]:
    """The parts whose names match any pattern, in their order; without patterns all, in a toy run those rehearsed.

    Args:
        patterns: names, or shell patterns such as "show-*".
        parts: to choose from.
        toy: whether this is a rehearsal.

    Raises:
        UsageError: a pattern matches none.
    """
    known = list(parts)
    for pattern in patterns:
        if not any(fnmatch(part.name, pattern) for part in known):
            raise UsageError(f"There is no part {pattern!r}. {near_miss(pattern, [part.name for part in known])}")
    if not patterns:
        return [part for part in known if part.rehearsed or not toy]
    return [part for part in known if any(fnmatch(part.name, pattern) for pattern in patterns)]
