"""VAE/GAN's settings, and presets for CDNet's faces and digits: its authors', and small ones for two CPU cores.

`quick`, the default, has a projected discriminator with the hinge, whose pretrained maps are the features of Eq. 6,
resize-convolutions and averaged weights. The adversarial loss has a small weight: with .1 the features hardly fell in
200 steps. docs/reproduction/notes-pictures-editors.md says what was seen.
"""

from __future__ import annotations

from functools import partial

from pydantic import Field

from edgan.methods.common.adversarial_game import GameSettings
from edgan.methods.common.cdnet_networks import (
    QUICK_NETWORK,
    QUICK_TRAINING,
    DiscriminatorSettings,
    NetworkSettings,
)
from edgan.methods.page import Preset
from edgan.settings import OptimiserSettings, Strict, TrainingSettings


class Settings(Strict):
    """Settings of VAE/GAN."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    game: GameSettings = GameSettings()
    prior_weight: float = Field(1.2e-4, gt=0, description="of the KL; the features have weight 1")
    adversarial_weight: float = Field(
        15.0, ge=0, description="in the decoder's column, where the features have weight 1"
    )


_RMSPROP = partial(OptimiserSettings, name="rmsprop", beta2=0.9, decay=0.75)
_ADAM = OptimiserSettings(name="adam", lr=5e-4, beta1=0.5)
_SMALL_D = partial(DiscriminatorSettings, stem=8, width=16, max_width=64)
_SMALL_NETWORK = partial(NetworkSettings, width=32, dropout=0.0)
_NON_SATURATING = GameSettings(form="non-saturating")

PRESETS = {
    "paper": Preset(
        TrainingSettings(
            crop="celeba-148",
            batch=64,
            optimiser=_RMSPROP(lr=3e-4, decay_at=tuple(range(1_000, 10_001, 1_000))),
        ),
        Settings(network=NetworkSettings(hidden=(2048, 1024), latent=128, dropout=0.0)),
    ),
    "paper-digits": Preset(
        TrainingSettings(size=28, batch=100, optimiser=_RMSPROP(lr=1e-4)),
        Settings(
            network=NetworkSettings(width=32, hidden=(1000,), latent=20, pixel_range="unit"),
            discriminator=DiscriminatorSettings(width=64, hidden=128),
            prior_weight=3.2e-4,
            adversarial_weight=0.016,
        ),
    ),
    "quick": Preset(
        QUICK_TRAINING,
        Settings(
            network=QUICK_NETWORK,
            discriminator=DiscriminatorSettings(
                kind="projected", augment="few", augment_colour=False, augment_cutout=False
            ),
            game=GameSettings(form="hinge"),
            prior_weight=1e-4,
            adversarial_weight=0.03,
        ),
    ),
    "small": Preset(
        TrainingSettings(batch=64, optimiser=_ADAM),
        Settings(
            network=_SMALL_NETWORK(hidden=(512,), latent=128),
            discriminator=_SMALL_D(hidden=128),
            game=_NON_SATURATING,
            adversarial_weight=0.05,
        ),
    ),
    "small-digits": Preset(
        TrainingSettings(size=28, batch=100, optimiser=_ADAM),
        Settings(
            network=_SMALL_NETWORK(hidden=(256,), latent=20),
            discriminator=_SMALL_D(hidden=64),
            game=_NON_SATURATING,
            prior_weight=3.2e-4,
            adversarial_weight=0.05,
        ),
    ),
}
