"""The modified cGAN's settings and presets."""

from __future__ import annotations

from edgan.methods.attributes.editable_presets import (
    SMALL_LATENT,
    SMALL_NETWORK,
    SMALL_PENALTY,
    released_training,
    small_training,
)
from edgan.methods.common.annealed_latent import AnnealedLatentSettings
from edgan.methods.common.editable_networks import (
    NetworkSettings,
    StrongR1Settings,
)
from edgan.methods.common.image_discriminator import ImageDiscriminatorSettings
from edgan.methods.page import Preset
from edgan.settings import Strict


class Settings(Strict):
    """Settings of the modified cGAN."""

    network: NetworkSettings = NetworkSettings()
    discriminator: ImageDiscriminatorSettings = ImageDiscriminatorSettings()
    latent: AnnealedLatentSettings = AnnealedLatentSettings()
    penalty: StrongR1Settings = StrongR1Settings()


PRESETS = {
    "paper": Preset(released_training(), Settings()),
    "small": Preset(small_training(), Settings(network=SMALL_NETWORK, latent=SMALL_LATENT, penalty=SMALL_PENALTY)),
}
