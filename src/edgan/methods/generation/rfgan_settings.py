"""RFGAN's settings and presets.

A training's steps are those of both stages. The first author trains the autoencoder for 10 epochs and then the game for
30: with CelebA's 162,770 training images in batches of 128, that is 12,716 and 38,149 steps, which the preset `paper`
has.
"""

from __future__ import annotations

from pydantic import Field

from edgan.methods.common import gan
from edgan.methods.page import Preset
from edgan.settings import Strict


class AutoencoderSettings(Strict):
    """The autoencoder of stage 1."""

    steps: int = Field(12_716, ge=1, description="steps of stage 1, before those of the game")
    corruption: float = Field(0.25, ge=0, lt=1, description="share of the pixels that become salt or pepper")
    code: int = Field(8, ge=1, description="channels of the code")


class Settings(gan.GanSettings):
    """Those of every GAN, and the autoencoder's."""

    autoencoder: AutoencoderSettings = AutoencoderSettings()
    generator_steps: int = Field(2, ge=1, description="steps of G for each step of D")


PRESETS = {
    "paper": Preset(gan.PAPER_TRAINING.model_copy(update={"steps": 12_716 + 38_149}), Settings()),
    "small": Preset(
        gan.SMALL_TRAINING,
        Settings(network=gan.SMALL_NETWORK, latent=gan.SMALL_LATENT, autoencoder=AutoencoderSettings(steps=300)),
    ),
}
