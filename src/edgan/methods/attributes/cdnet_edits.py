"""Edited pictures in CDNet's training. The paper's game and losses see reconstructions alone.

A decoder that only draws pictures with their own soft targets need not know what another target looks like, least of
all one beyond [0, 1]. Here it also draws each picture with one attribute at a random intensity of the range that users
have, or with the class of another picture.
"""

from __future__ import annotations

from dataclasses import dataclass

from pydantic import Field
from torch import Tensor

from edgan.methods.common.attribute_targets import AttributesOfOthers, Targets
from edgan.routing import Row, Tap, row
from edgan.settings import Strict

LOW, HIGH = -2.0, 5.0
"""The range of intensities (Paper 2, Fig. 3)."""


class EditSettings(Strict):
    """Edited pictures in training."""

    judged: bool = Field(False, description="D judges edited pictures in place of reconstructions")
    recognised: float = Field(0.0, ge=0, description="weight of Enc_y's classification loss on edited pictures, in Dec")


@dataclass(frozen=True)
class OneAtRandom:
    """Targets with one attribute at a random intensity.

    Attributes:
        low, high: the range of the intensity.
    """

    low: float = LOW
    high: float = HIGH

    def __call__(self, given: Tensor, draws: Tensor) -> Tensor:
        """(N, A) and uniform numbers (N, A + 1) -> (N, A): the largest of the first A says which, the last how much."""
        chosen = draws[:, :-1].argmax(1, keepdim=True)
        return given.scatter(1, chosen, (self.low + (self.high - self.low) * draws[:, -1:]).to(given))


def within_unit(asked: Tensor) -> Tensor:
    """Intensities as probabilities: those beyond [0, 1] at its ends."""
    return asked.clamp(0.0, 1.0)


def edited_pictures(settings: EditSettings, targets: Targets) -> tuple[Tap, ...]:
    """`edited`, drawn with the targets `y_asked`, and what Enc_y says of it; nothing where no loss reads them."""
    if not settings.judged and not settings.recognised:
        return ()
    if targets.kind == "multiclass":
        asked: tuple[Tap, ...] = (Tap("y_asked", ("y",), function=AttributesOfOthers(exclusive=True)),)
    else:
        asked = (
            Tap("y_draws", noise=("uniform", (targets.count + 1,))),
            Tap("y_asked", ("y", "y_draws"), function=OneAtRandom()),
        )
    return (
        *asked,
        Tap("edited", ("z", "y_asked"), network="decoder"),
        Tap("y_edited", ("edited",), network="attribute_encoder"),
        Tap("y_wanted", ("y_asked",), function=within_unit),
    )


def edit_rows(settings: EditSettings, targets: Targets) -> tuple[Row, ...]:
    """The row by which Enc_y, frozen, teaches the decoder what a target looks like."""
    if not settings.recognised:
        return ()
    return (row(targets.recognition("y_edited", "y_wanted"), decoder=settings.recognised),)
