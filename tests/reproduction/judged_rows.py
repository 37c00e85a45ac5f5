"""Verdicts of rows on hand-made outputs of their units."""

from __future__ import annotations

import random
import re
from collections.abc import Callable, Sequence
from typing import Any

from reproduction.framework.gates import BeatsMeanPicture, EqualBudgets
from reproduction.framework.results import Result
from reproduction.framework.schedule import with_needs
from reproduction.framework.schema import Outputs, Row, Unit
from reproduction.framework.verdict import Verdict, verdict_of
from reproduction.requirements import REQUIREMENTS
from reproduction.rows import ROWS

DATA_KEYS = dict.fromkeys(("utkface", "facades", "celeba", "mnist", "fashion-mnist", "cifar10"), "a key")
THREE_SEEDS = [Unit(f"seed-{seed}", print, seed=seed) for seed in range(3)]
"""Final units for judges that read nothing but their outputs."""


def final_units(name: str, scale: str = "small") -> list[Unit]:
    """The final units of a row."""
    row = ROWS[name]
    return row.units(row.scales[scale], DATA_KEYS)


def unit_keys(*names: str, work: Callable[..., Any] | None = None) -> set[str]:
    """The keys of all units that rows need; of those with this work, if it is given."""
    units = with_needs([unit for name in names for unit in final_units(name)])
    keys = {unit.key for unit in units if work is None or unit.work is work}
    assert keys
    return keys


def verdict(row: Row | str, outputs: Outputs, finals: Sequence[Unit] | None = None) -> Verdict:
    """The verdict of a finished row at scale "small".

    Args:
        row: the row, or its id.
        outputs: of its units, by key.
        finals: the final units; the row's own unless given.
    """
    row = ROWS[row] if isinstance(row, str) else row
    scale = row.scales["small"]
    moved = {key: scattered(output, random.Random(key)) for key, output in outputs.items()}
    return verdict_of(row.judge(scale, row.units(scale, DATA_KEYS) if finals is None else finals, moved).checks, 1, 1)


def scattered(value: Any, numbers: random.Random) -> Any:
    """An output with its floats moved by up to a millionth: equal values of all seeds would decide nothing."""
    if isinstance(value, dict):
        return {name: scattered(inner, numbers) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(scattered(inner, numbers) for inner in value)
    return value * numbers.uniform(1 - 1e-6, 1 + 1e-6) if isinstance(value, float) else value


def about(value: float, seed: int) -> float:
    """A value that differs a little between seeds."""
    return value + 0.001 * seed


def drift(seed: int, size: float = 0.001) -> float:
    """A small difference between seeds, so that intervals have a width."""
    return size * (seed % 3)


def unread_gates(result: Result) -> list[str]:
    """The figures that the row's gates read and the result lacks: such a gate could never be passed."""
    wanted = [
        gate.figures
        for gate in REQUIREMENTS[result.id]
        if isinstance(gate, BeatsMeanPicture) or (isinstance(gate, EqualBudgets) and gate.figures)
    ]
    return [pattern for pattern in wanted if not any(re.fullmatch(pattern, name) for name in result.figures)]
