"""ED+GAN's settings and presets."""

from __future__ import annotations

from pydantic import Field

from edgan.methods.common import ed_gan
from edgan.methods.page import Preset
from edgan.methods.twin_settings import GeneratorSettings, TwinOptions


class Settings(ed_gan.EncoderDecoderSettings):
    """Settings of ED+GAN."""

    adversarial_weight: float = Field(0.01, ge=0, description="lambda of Eq. 1")


class TwinSettings(Settings, TwinOptions):
    """Settings of its twin, which is ED//GAN."""


PRESETS = {
    "paper": Preset(
        ed_gan.PAPER_TRAINING,
        Settings(network=ed_gan.PAPER_NETWORK, discriminator=ed_gan.PAPER_DISCRIMINATOR),
    ),
    "quick": Preset(
        ed_gan.QUICK_TRAINING,
        Settings(
            network=ed_gan.QUICK_NETWORK,
            discriminator=ed_gan.QUICK_DISCRIMINATOR,
            latent=ed_gan.QUICK_LATENT,
        ),
    ),
    "small": Preset(
        ed_gan.SMALL_TRAINING,
        Settings(
            network=ed_gan.SMALL_NETWORK,
            discriminator=ed_gan.SMALL_DISCRIMINATOR,
            penalty=ed_gan.SMALL_PENALTY,
        ),
    ),
}

TWIN_PRESETS = {
    "quick": Preset(
        ed_gan.QUICK_TRAINING,
        TwinSettings(
            network=ed_gan.QUICK_NETWORK,
            generator=GeneratorSettings(**ed_gan.QUICK_GENERATOR.model_dump()),
            discriminator=ed_gan.QUICK_DISCRIMINATOR,
            latent=ed_gan.QUICK_LATENT,
        ),
    ),
    "small": Preset(
        ed_gan.SMALL_TRAINING,
        TwinSettings(
            network=ed_gan.SMALL_NETWORK,
            generator=GeneratorSettings(norm="batch", activation="relu", output_gain=0.0),
            discriminator=ed_gan.SMALL_DISCRIMINATOR,
            penalty=ed_gan.SMALL_PENALTY,
        ),
    ),
}
