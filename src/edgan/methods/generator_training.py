"""The settings of how the generator of a residual is trained: ED//GAN's and its twins'."""

from __future__ import annotations

from typing import Self

from pydantic import Field

from edgan.settings import Strict

HUNDRED = 100
"""A share of the steps is rounded down to a multiple of this, so that a training of a few steps trains all networks."""


class GeneratorTraining(Strict):
    """When the generator begins, and with which weights."""

    ed_first: int = Field(0, ge=0, description="steps of the encoder-decoder alone, before the GAN begins")
    ed_first_share: float = Field(
        0.0, ge=0, lt=1, description="the same as a share of all steps, rounded down to hundreds, where ed_first is 0"
    )
    ed_frozen: bool = Field(True, description="with ed_first: whether the GAN then leaves the encoder-decoder frozen")
    generator_as_decoder: bool = Field(
        False, description="with ed_first: the generator begins with the decoder's weights but for the output layer"
    )

    def at(self, steps: int) -> Self:
        """The settings of a training of so many steps: `ed_first_share` gives `ed_first`."""
        if self.ed_first:
            return self
        return self.model_copy(update={"ed_first": int(self.ed_first_share * steps) // HUNDRED * HUNDRED})


class FeatureTraining(Strict):
    """What teaches the generator besides the adversarial loss."""

    feature_weight: float = Field(
        0.0,
        ge=0,
        description="of a distance between features of output and image, for a generator with a projected D",
    )
