"""A fake row in the place of row 1.1: units that record each run, and a judge of their numbers."""

from __future__ import annotations

import os
import signal
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from reproduction.claims import BY_ID
from reproduction.framework.results import Result
from reproduction.framework.schedule import stored
from reproduction.framework.schema import Outcome, Outputs, Place, Row, Unit
from reproduction.framework.verdict import above_zero, figure
from reproduction.runner import reproduce

ID = "1.1"
assert BY_ID[ID].data == ()


def recorded(unit: Unit, place: Place) -> dict[str, Any]:
    """Record that the unit was run; its value is its seed's. Kills the process if the file `kill` names the unit."""
    with (place.folder / "done.txt").open("a") as file:
        file.write(unit.name + "\n")
    kill = place.folder / "kill"
    if kill.exists() and kill.read_text() == unit.name:
        kill.unlink()
        os.kill(os.getpid(), signal.SIGKILL)
    return {"value": unit.options["values"][unit.seed]}


def summed(unit: Unit, place: Place) -> dict[str, Any]:
    """The sum of the stored values of the units that this one needs."""
    results = [stored(place.folder, need) for need in unit.needs]
    assert all(results), "a unit was started before its needs were done"
    return {"value": sum(result["result"]["value"] for result in results if result)}


def units(values: Sequence[float], _keys: Mapping[str, str]) -> list[Unit]:
    """For each seed a sum of two recorded units."""
    finals = []
    for seed in range(len(values)):
        options = {"values": list(values)}
        terms = tuple(Unit(f"{term}-{seed}", recorded, options, seed=seed) for term in "ab")
        finals.append(Unit(f"sum-{seed}", summed, needs=terms, seed=seed))
    return finals


def judge(_scale: Sequence[float], finals: Sequence[Unit], outputs: Outputs) -> Outcome:
    """The values are above 0."""
    values = [outputs[unit.key]["value"] for unit in finals]
    return Outcome(f"mean {figure(values)}", [above_zero("the value", values)], {"value": figure(values)})


def fake_row(values: Sequence[float] = (1.0, 1.1, 0.9)) -> Row:
    """A row whose claim is that the values are above 0."""
    return Row(ID, lambda _: "Numbers are added.", units, judge, {"small": tuple(values)})


def run(out: Path, **options: Any) -> Result:
    """Run row 1.1 in this process."""
    (out / "work").mkdir(parents=True, exist_ok=True)
    (result,) = reproduce(ID, out=out, **{"workers": 1, **options})
    return result


def units_run(out: Path) -> list[str]:
    """The names of the recorded units in the order in which they were run."""
    path = out / "work" / "done.txt"
    return path.read_text().split() if path.exists() else []
