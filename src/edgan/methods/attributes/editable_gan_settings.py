"""Editable GAN's settings and presets.

`paper` is the released code's for 128 px and 60 epochs of CelebA. Its ten attributes are Bangs, Black_Hair, Blond_Hair,
Brown_Hair, Gray_Hair, Male, Mustache, Smiling, Eyeglasses and Young.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgan.methods.attributes.editable_presets import (
    SMALL_LATENT,
    SMALL_NETWORK,
    SMALL_PENALTY,
    released_training,
    small_training,
)
from edgan.methods.common.annealed_latent import AnnealedLatentSettings
from edgan.methods.common.editable_networks import NetworkSettings, StrongR1Settings
from edgan.methods.common.image_discriminator import ImageDiscriminatorSettings
from edgan.methods.page import Preset
from edgan.settings import OptimiserSettings, Strict


class ClassifierSettings(Strict):
    """The attribute classifier, which is half as wide as D."""

    norm: Literal["batch", "group", "none"] = Field("batch", description="real, drawn and edited go through it apart")


class Settings(Strict):
    """Settings of Editable GAN."""

    network: NetworkSettings = NetworkSettings()
    discriminator: ImageDiscriminatorSettings = ImageDiscriminatorSettings()
    latent: AnnealedLatentSettings = AnnealedLatentSettings()
    penalty: StrongR1Settings = StrongR1Settings()
    classifier: ClassifierSettings = ClassifierSettings()


PRESETS = {
    "paper": Preset(released_training(classifier=OptimiserSettings(name="adam", beta1=0.9, beta2=0.999)), Settings()),
    "small": Preset(
        small_training(classifier=OptimiserSettings(lr=1e-3, beta1=0.9)),
        Settings(
            network=SMALL_NETWORK,
            latent=SMALL_LATENT,
            penalty=SMALL_PENALTY,
            classifier=ClassifierSettings(norm="group"),
        ),
    ),
}
