"""What an edit writes: from {"Eyeglasses": 3.5} to the values of a tap, with the errors that a person can make."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import torch
from torch import Tensor

from edgan.errors import UsageError, near_miss
from edgan.methods import Edit, Method
from edgan.models.directions import Directions
from edgan.routing import Forward

ARITHMETIC = (-1.0, 3.0)
"""The range in which Paper 2 moves latents by arithmetic (Fig. 6)."""


@dataclass(frozen=True)
class EditControls:
    """What of a trained model's pictures can be edited.

    Attributes:
        names: the attributes, or the classes.
        kind: "multilabel": each has an intensity of its own. "multiclass": exactly one holds.
        low, high: the range of intensities that is stated, in a person's units; outside is allowed.
        neutral: the intensity that means "as it is", where there is one: 0 of a direction that is added.
        units: by how much a person's unit is larger than the tap's, where it is.
    """

    names: tuple[str, ...]
    kind: Literal["multilabel", "multiclass"]
    low: float
    high: float
    neutral: float | None = None
    units: Mapping[str, float] = field(default_factory=dict)

    @classmethod
    def of(cls, edit: Edit | None, directions: Directions | None) -> EditControls | None:
        """The controls of a method, else those of its latent's directions, else None."""
        if edit is not None:
            return cls(edit.names, edit.kind, edit.low, edit.high, None, edit.units)
        if directions is not None:
            low, high = ARITHMETIC
            return cls(tuple(directions.vectors), directions.kind, low, high, 0.0)
        return None

    def checked(self, changes: Mapping[str, float]) -> dict[str, float]:
        """The changes, each a known name and a finite number.

        Raises:
            UsageError: a name that is not known, a value that is no number, nothing at all, or two classes at once.
        """
        if not changes:
            raise UsageError(f"Nothing is to be edited: set at least one of {', '.join(self.names)}.")
        for name, value in changes.items():
            if name not in self.names:
                what = "class" if self.kind == "multiclass" else "attribute"
                raise UsageError(f"This model has no {what} {name!r} to edit. {near_miss(name, self.names)}")
            if not math.isfinite(value):
                raise UsageError(f"An intensity is a finite number, and {name} was to be {value}.")
        if self.kind == "multiclass" and len(changes) > 1:
            raise UsageError(f"An image has one class: {' and '.join(changes)} cannot be set at once.")
        return dict(changes)

    def all_given(self, changes: Mapping[str, float]) -> Tensor:
        """The changes as a row (1, A) of values, for a method that is told every attribute and sees none itself.

        Raises:
            UsageError: one is missing.
        """
        missing = [name for name in self.names if name not in changes]
        if missing:
            more = ", ".join(missing)
            raise UsageError(f"This method is told an image's attributes and does not see them itself: set {more} too.")
        return torch.tensor([[changes[name] / self.units.get(name, 1.0) for name in self.names]])

    def notes(self, changes: Mapping[str, float]) -> list[str]:
        """A sentence for each intensity outside the stated range."""
        if self.kind == "multiclass":
            return []
        found = []
        for name, value in changes.items():
            low, high = (bound * self.units.get(name, 1.0) for bound in (self.low, self.high))
            if not low <= value <= high:
                found.append(
                    f"{name}={value:g} lies outside the range [{low:g}, {high:g}] that this method states, so the "
                    "picture may show other things than the attribute"
                )
        return found


def write_changes(values: Tensor, controls: EditControls, changes: Mapping[str, float]) -> Tensor:
    """The values of a tap with an edit written into them.

    Case 2 (attributes): the intensity takes the attribute's place. Case 1 (classes): the class and the largest entry
    change places, so that the entries still sum to 1; an intensity other than 1 goes that share of the way.

    Args:
        values: (N, A).
        controls: names and kind of its columns.
        changes: checked; in a person's units.

    Returns:
        (N, A), a new tensor. Source: Paper 2 (CDNet), Section III-D.
    """
    edited = values.clone()
    for name, value in changes.items():
        column = controls.names.index(name)
        if controls.kind == "multilabel":
            edited[:, column] = value / controls.units.get(name, 1.0)
            continue
        swapped, rows = edited.clone(), torch.arange(len(edited), device=edited.device)
        largest = edited.argmax(1)
        swapped[rows, largest] = edited[:, column]
        swapped[:, column] = edited[rows, largest]
        edited = edited + value * (swapped - edited)
    return edited


def edited_taps(
    forward: Forward,
    method: Method,
    controls: EditControls | None,
    directions: Directions | None,
    values: Mapping[str, float],
    told: Tensor | None,
) -> dict[str, Tensor]:
    """What an edit puts in place of the taps of a forward: the latent as it is, and the attributes as they shall be.

    Args:
        forward: of the images.
        method: with an `edit`, or with a latent to move.
        controls: its own, or those of the directions.
        directions: of the latent, for a method without an `edit`.
        values: checked changes.
        told: (1, A) all attributes, for a method that does not see them itself.
    """
    latent, edit = method.latent, method.edit
    known: dict[str, Tensor] = {latent.z: forward[latent.z]} if latent else {}
    if edit is not None and told is not None:
        known[edit.tap] = told.expand(len(forward.inputs.fields["image"]), -1)
    elif edit is not None and controls is not None:
        known[edit.tap] = write_changes(forward[edit.tap], controls, values)
    elif latent and directions:
        known[latent.z] = directions.move(known[latent.z], values)
    return known
