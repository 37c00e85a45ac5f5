"""Fake rows: units that note each time they are done, and a judge of their numbers."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reproduction.claims import BY_ID
from reproduction.framework.results import Result
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import above_zero, figure
from reproduction.runner import reproduce

ID = "1.1"
assert BY_ID[ID].data == ()


def noted(unit: Unit, place: Place) -> dict[str, Any]:
    """Note that the unit was done; its value is its seed's."""
    with (place.folder / "done.txt").open("a") as file:
        file.write(unit.name + "\n")
    kill = place.folder / "kill"
    if kill.exists() and kill.read_text() == unit.name:
        kill.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"value": unit.options["values"][unit.seed]}


def summed(unit: Unit, place: Place) -> dict[str, Any]:
    """The values of the units that this one needs, read from what is stored."""
    from reproduction.framework.schedule import stored

    found = [stored(place.folder, one) for one in unit.needs]
    assert all(found), "a unit was begun before what it needs was there"
    return {"value": sum(one["result"]["value"] for one in found if one)}


def units(values: Sequence[float], _keys: Mapping[str, str]) -> list[Unit]:
    finals = []
    for seed in range(len(values)):
        options = {"values": list(values)}
        parts = tuple(Unit(f"{part}-{seed}", noted, options, seed=seed) for part in "ab")
        finals.append(Unit(f"sum-{seed}", summed, needs=parts, seed=seed))
    return finals


def judge(_scale: Sequence[float], finals: Sequence[Unit], found: Outputs) -> Outcome:
    values = [found[unit.key]["value"] for unit in finals]
    return Outcome(f"mean {figure(values)}", [above_zero("the value", values)], {"value": figure(values)})


def row(values: Sequence[float] = (1.0, 1.1, 0.9)) -> Row:
    """A row whose claim is that the values are above 0."""
    return Row(ID, lambda _: "Numbers are added.", units, judge, {"small": tuple(values)})


def run(out: Path, **options: Any) -> Result:
    """The fake row, in this process."""
    (out / "work").mkdir(parents=True, exist_ok=True)
    (result,) = reproduce(ID, out=out, **{"workers": 1, **options})
    return result


def done(out: Path) -> list[str]:
    """The names of the units that were done, as often as they were."""
    path = out / "work" / "done.txt"
    return path.read_text().split() if path.exists() else []
