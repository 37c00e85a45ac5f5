"""A second name for a tap."""

from __future__ import annotations

from torch import Tensor


def identity(value: Tensor) -> Tensor:
    """The value itself: a second name for a tap."""
    return value
