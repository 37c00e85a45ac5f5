"""Edits: what of a model's pictures can be edited, and how {"Eyeglasses": 3.5} becomes the values of a tap."""

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
LARGEST = 1e6
"""Intensities beyond it are mistakes, and larger ones leave float32."""


@dataclass(frozen=True)
class EditControls:
    """What can be edited in a trained model's pictures.

    Attributes:
        names: the attributes, or the classes.
        kind: "multilabel": each has an intensity of its own. "multiclass": exactly one holds.
        low, high: the stated range of intensities, in the caller's units. Values outside it are allowed.
        neutral: the intensity that changes nothing, if there is one: 0 for a direction that is added.
        units: factors by which the caller's unit exceeds the tap's, where the two differ.
        exclusive: groups of names of which at most one holds in a picture.
    """

    names: tuple[str, ...]
    kind: Literal["multilabel", "multiclass"]
    low: float
    high: float
    neutral: float | None = None
    units: Mapping[str, float] = field(default_factory=dict)
    exclusive: tuple[tuple[str, ...], ...] = ()

    @classmethod
    def of(cls, edit: Edit | None, directions: Directions | None) -> EditControls | None:
        """The controls of a method, else those of its latent's directions, else None."""
        if edit is not None:
            return cls(edit.names, edit.kind, edit.low, edit.high, None, edit.units, edit.exclusive)
        if directions is not None:
            low, high = ARITHMETIC
            return cls(tuple(directions.vectors), directions.kind, low, high, 0.0)
        return None

    def checked(self, changes: Mapping[str, float]) -> dict[str, float]:
        """The changes, if each is a known name with a finite number.

        Raises:
            UsageError: an unknown name, a value that is not finite, no changes at all, or two classes at once.
        """
        if not changes:
            raise UsageError(f"There is nothing to edit: set at least one of {', '.join(self.names)}.")
        for name, value in changes.items():
            if name not in self.names:
                what = "class" if self.kind == "multiclass" else "attribute"
                raise UsageError(f"This model has no {what} {name!r} to edit. {near_miss(name, self.names)}")
            if not math.isfinite(value) or abs(value) > LARGEST:
                raise UsageError(
                    f"The intensity of {name} must be a finite number within {LARGEST:g} of 0 (got {value})."
                )
        if self.kind == "multiclass" and len(changes) > 1:
            raise UsageError(f"An image has one class: {' and '.join(changes)} cannot be set at once.")
        return dict(changes)

    def all_given(self, changes: Mapping[str, float]) -> Tensor:
        """The changes as a row (1, A) of values, for a model that takes attributes as input and cannot infer them.

        Raises:
            UsageError: an attribute is missing.
        """
        missing = [name for name in self.names if name not in changes]
        if missing:
            more = ", ".join(missing)
            raise UsageError(
                f"This model takes attributes as input and cannot infer them from the image: set {more} too."
            )
        return torch.tensor([[changes[name] / self.units.get(name, 1.0) for name in self.names]])

    def notes(self, changes: Mapping[str, float]) -> list[str]:
        """A sentence for each intensity outside the stated range."""
        if self.kind == "multiclass":
            return []
        notes = []
        for name, value in changes.items():
            low, high = (bound * self.units.get(name, 1.0) for bound in (self.low, self.high))
            if not low <= value <= high:
                notes.append(
                    f"{name}={value:g} lies outside the range [{low:g}, {high:g}] that this method states, so "
                    "other things than the attribute may change"
                )
        return notes


def write_changes(values: Tensor, controls: EditControls, changes: Mapping[str, float]) -> Tensor:
    """The values of a tap with an edit written into them.

    Case 2 (attributes): the intensity replaces the attribute's value. Where it excludes others, those that the changes
    do not name fall by as much as it rises: at 1 and above they are 0, at 0 and below they stay.

    Case 1 (classes): the class swaps values with the largest entry, so that the entries still sum to 1; an intensity
    other than 1 goes that share of the way.

    Args:
        values: (N, A).
        controls: names and kind of its columns.
        changes: from `EditControls.checked`, in the caller's units.

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
    for group in controls.exclusive:
        raised = max((changes[name] / controls.units.get(name, 1.0) for name in group if name in changes), default=0.0)
        for name in set(group) - changes.keys():
            edited[:, controls.names.index(name)] *= 1.0 - min(max(raised, 0.0), 1.0)
    return edited


def edited_taps(
    forward: Forward,
    method: Method,
    controls: EditControls | None,
    directions: Directions | None,
    values: Mapping[str, float],
    given: Tensor | None,
) -> dict[str, Tensor]:
    """The taps that an edit sets: the latent, which stays, and the attributes with the changes.

    Args:
        forward: the forward pass of the images.
        method: with an `edit`, or with a latent to move.
        controls: the method's own, or those of the directions.
        directions: of the latent, for a method without an `edit`.
        values: changes from `EditControls.checked`.
        given: (1, A), all attributes, for a method that cannot infer them.

    Returns:
        By tap, values to use in place of the forward's own.
    """
    latent, edit = method.latent, method.edit
    known: dict[str, Tensor] = {latent.z: forward[latent.z]} if latent else {}
    if edit is not None and given is not None:
        known[edit.tap] = given.expand(len(forward.inputs.fields["image"]), -1)
    elif edit is not None and controls is not None:
        known[edit.tap] = write_changes(forward[edit.tap], controls, values)
    elif latent and directions:
        known[latent.z] = directions.move(known[latent.z], values)
    return known
