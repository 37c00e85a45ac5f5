"""IcGAN's settings and presets."""

from __future__ import annotations

from functools import partial

from pydantic import Field

from edgan.methods.common.cdnet_networks import (
    DiscriminatorSettings,
    NetworkSettings,
)
from edgan.methods.page import Preset
from edgan.settings import OptimiserSettings, Strict, TrainingSettings


class Settings(Strict):
    """Settings of IcGAN."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    gan_steps: int = Field(10_000, ge=1, description="steps of the conditional GAN, before the encoders")


_ADAM = partial(OptimiserSettings, name="adam", beta1=0.5)
_SMALL_D = partial(DiscriminatorSettings, stem=8, width=16, max_width=64)

PRESETS = {
    "paper": Preset(
        TrainingSettings(crop="celeba-148", steps=127_150, batch=64, optimiser=_ADAM(lr=2e-4)),
        Settings(network=NetworkSettings(latent=100), gan_steps=63_575),
    ),
    "paper-digits": Preset(
        TrainingSettings(
            size=28,
            steps=150_000,
            batch=100,
            optimiser=_ADAM(lr=1e-4, decay_at=(10_000, 20_000, 30_000, 50_000)),
        ),
        Settings(
            network=NetworkSettings(width=32, hidden=(1000,), latent=10, pixel_range="unit"),
            discriminator=DiscriminatorSettings(width=64, hidden=128),
            gan_steps=75_000,
        ),
    ),
    "small": Preset(
        TrainingSettings(batch=64, optimiser=_ADAM(lr=5e-4)),
        Settings(
            network=NetworkSettings(width=32, hidden=(512,), latent=100, dropout=0.1),
            discriminator=_SMALL_D(hidden=128),
            gan_steps=1_000,
        ),
    ),
    "small-digits": Preset(
        TrainingSettings(size=28, batch=100, optimiser=_ADAM(lr=5e-4)),
        Settings(
            network=NetworkSettings(width=32, hidden=(256,), latent=10, dropout=0.1),
            discriminator=_SMALL_D(hidden=64),
            gan_steps=2_000,
        ),
    ),
}
