"""A latent from N(0, s^2) whose s falls to 1 during training."""

from __future__ import annotations

from pydantic import Field

from edgan.routing import Piecewise, Tap
from edgan.settings import Strict

PIECES = 10


class AnnealedLatentSettings(Strict):
    """z ~ N(0, s^2). s falls to 1 in ten stages, so that G also learns latents as large as CN may give for an image."""

    size: int = Field(64, ge=1)
    spread: float = Field(2.0, ge=1, description="s at first")
    narrow_from: int = Field(28_110, ge=0, description="step at which s begins to fall (epoch 10 of the paper's data)")
    narrow_over: int = Field(28_110, ge=PIECES, description="steps until s is 1")


def annealed_latent(name: str, settings: AnnealedLatentSettings) -> Tap:
    """The tap of this name that draws such a latent, (N, size). Source: Editable GAN's released code."""
    start, over, spread = settings.narrow_from, settings.narrow_over, settings.spread
    fall = [(start + over * i // PIECES, spread + (1.0 - spread) * i / PIECES) for i in range(1, PIECES + 1)]
    return Tap(name, noise=("normal", (settings.size,)), scale=Piecewise(((0, spread), *fall)))
