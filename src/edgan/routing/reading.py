"""The host's look at losses: where it waits for the device, and where NaN and infinity show."""

from __future__ import annotations

import math
from collections.abc import Mapping

import torch
from torch import Tensor


class NonFiniteLossError(ArithmeticError):
    """A loss is NaN or infinite. Its pass and later ones changed no weight; earlier passes of the step may have.

    Attributes:
        term, value: the loss.
        step: over the whole run from 0, where the loss was read after its step; None: at once.
    """

    def __init__(self, term: str, value: float, step: int | None = None) -> None:
        super().__init__(f"the loss {term!r} is {value}")
        self.term = term
        self.value = value
        self.step = step


def read_losses(losses: Mapping[str, Tensor], step: int | None = None) -> dict[str, float]:
    """The values of losses on the device, for which the host waits.

    Args:
        losses: () each.
        step: which step they are of, for the error.

    Raises:
        NonFiniteLossError: one is NaN or infinite.
    """
    values = dict(zip(losses, torch.stack(list(losses.values())).tolist(), strict=True))
    for term, value in values.items():
        if not math.isfinite(value):
            raise NonFiniteLossError(term, value, step)
    return values
