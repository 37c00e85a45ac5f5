"""A gate: a phase that steps only where the step's losses say so."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class StepCondition:
    """Whether a phase steps, decided by what the step's losses came to.

    The losses are means over the global batch, so that several processes decide alike, and a resumed training decides
    as the one that went through.

    Attributes:
        name: how `explain` prints it.
        terms: whose values it reads, in the order of `opens`; computed in this phase or in one before it in the step.
        opens: a pure function of these values.
    """

    name: str
    terms: tuple[str, ...]
    opens: Callable[..., bool]

    def is_open(self, losses: Mapping[str, float]) -> bool:
        """Whether the phase steps.

        Args:
            losses: the step's terms so far.
        """
        return self.opens(*(losses[term] for term in self.terms))


@dataclass(frozen=True)
class Balance:
    """VAE/GAN's equilibrium: who is ahead in the game waits for the other.

    With a level of .68 and a margin of .35, D waits while its loss at real or at fake images is below .33, and the
    generator waits while either is above 1.03. Where both would wait, both step. Source: the released code of VAE/GAN
    (Larsen et al. 2016), kept in CDNet's; neither paper has it.

    Attributes:
        of: "discriminator" or "generator": whose phase it is.
        level, margin: in nats.
    """

    of: str
    level: float = 0.68
    margin: float = 0.35

    def __call__(self, real: float, fake: float) -> bool:
        """Whether it steps, for D's losses at real and at fake images."""
        ahead = min(real, fake) < self.level - self.margin
        behind = max(real, fake) > self.level + self.margin
        return ahead == behind or (behind if self.of == "discriminator" else ahead)
