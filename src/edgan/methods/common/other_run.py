"""Another run's networks as columns of a method: the setting that names the run, and paths copied from its plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pydantic import Field

from edgan.routing import Plan, Tap
from edgan.settings import Strict


class Origin(Strict):
    """The run whose networks a training starts from.

    Attributes:
        run: its folder.
        method, settings: how its networks are built; both are stored with the new run, as the weights are.
    """

    run: str
    method: str
    settings: dict[str, Any] = Field({})


class LabelledOrigin(Origin):
    """A run whose networks may depend on the attributes or the classes of its data.

    Attributes:
        attributes, classes: their names, by which its networks are built whatever the new data has.
    """

    attributes: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()


def path(plan: Plan, goal: str, starts: Mapping[str, str], name: str) -> tuple[Tap, ...]:
    """The taps by which a plan computes a goal, renamed and with other inputs.

    Args:
        plan: the plan that has the path.
        goal: its last tap.
        starts: tap or batch field -> its replacement; the taps before it are left out.
        name: the goal's new name. The taps before it become "OLD/NAME".

    Returns:
        The taps, inputs first; batch fields keep their names.
    """
    taps: dict[str, Tap] = {}

    def visit(old: str) -> str:
        if old in starts or old not in plan.tap:
            return starts.get(old, old)
        new = name if old == goal else f"{old}/{name}"
        if new not in taps:
            inputs = tuple(visit(source) for source in plan.tap[old].inputs)
            taps[new] = replace(plan.tap[old], name=new, inputs=inputs)
        return new

    visit(goal)
    return tuple(taps.values())
