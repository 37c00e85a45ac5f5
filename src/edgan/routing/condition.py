"""Step conditions: a phase steps only if the step's losses allow it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from torch import Tensor


@dataclass(frozen=True)
class StepCondition:
    """Whether a phase steps, decided by the step's losses.

    The losses are means over the global batch, so all processes decide alike, and a resumed training decides as the
    uninterrupted one.

    Attributes:
        name: how `explain` prints it.
        terms: the terms whose values `opens` takes, in its order; computed in this phase or earlier in the step.
        opens: a pure function of these values: whether the phase steps. They are numbers, or () float64 tensors of a
            device that nobody waits for; so it compares and joins with `&` and `|`, without `if`, `and`, `or`, `min`.
    """

    name: str
    terms: tuple[str, ...]
    opens: Callable[..., Any]

    def is_open(self, losses: Mapping[str, float | Tensor]) -> bool | Tensor:
        """Whether the phase steps: a bool, or a () bool tensor where the losses are tensors.

        Args:
            losses: the step's terms so far.
        """
        known = (losses[term] for term in self.terms)
        # In float64 a comparison on the device says the same as one of Python's numbers.
        opens: bool | Tensor = self.opens(*(loss.double() if isinstance(loss, Tensor) else loss for loss in known))
        return opens


@dataclass(frozen=True)
class Balance:
    """VAE/GAN's equilibrium: the player that is ahead waits for the other.

    With a level of .68 and a margin of .35, D waits while its loss on real or on fake images is below .33, and the
    generator waits while either is above 1.03. If both would wait, both step. Source: the released code of VAE/GAN
    (Larsen et al. 2016), kept in CDNet's; neither paper has it.

    Attributes:
        of: "discriminator" or "generator": the player whose phase this is.
        level, margin: in nats.
    """

    of: str
    level: float = 0.68
    margin: float = 0.35

    def __call__(self, real: float | Tensor, fake: float | Tensor) -> Any:
        """Whether the player steps, given D's losses on real and on fake images."""
        low, high = self.level - self.margin, self.level + self.margin
        ahead = (real < low) | (fake < low)
        behind = (real > high) | (fake > high)
        return (ahead == behind) | (behind if self.of == "discriminator" else ahead)
