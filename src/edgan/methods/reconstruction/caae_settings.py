"""CAAE's settings and presets.

The preset `paper` is the released CAAE: Table 1's encoder and decoder without batch norm and with the two extra layers
at full size, a discriminator of 16 to 128 channels, batches of 100, all networks stepping at once. The released code
multiplies its z-loss for the encoder by 0, though the text has it: `latent.weight` turns it on. It multiplies total
variation by 0 as well, which is left out here. The preset `paper` of the twin is Paper 1's code: D of 64 to 512
channels, batches of 25, a generator with batch norm that steps twice, the second time after the other networks; here
both of its steps come after theirs.

The preset `small` is for 64 px on two CPU cores. Its D has batch norm, which normalises fakes by themselves, so that D
does not see how strong a residual is. Nothing then holds a generator without norm, as a copy of the decoder is: at 32
px its residual reached an RMS of .9 in 100 steps. So in the twin's `small` preset D has R1 in place of its norm, and
the generator has batch norm, starts from the base, and learns more slowly.

The default preset `quick` is ED//GAN's, with a projected discriminator that reads age and gender by projection. As in
ED//GAN, the twin's encoder-decoder learns alone for three quarters of the steps, the generator begins as a copy of the
decoder, and a feature loss teaches it too. With weights of its own and everything together from the first step, the
generator drew one residual for each gender. On validation pictures (UTKFace, 32 px, 1,000 steps, seed 1) the output was
then 2.0 dB below the base; it is .4 dB now.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgan.methods.common import ed_gan
from edgan.methods.common.image_discriminator import ImageDiscriminatorSettings
from edgan.methods.common.latent_prior import LatentSettings
from edgan.methods.common.r1 import R1Settings
from edgan.methods.generator_training import FeatureTraining
from edgan.methods.page import Preset
from edgan.methods.twin_settings import GeneratorSettings, TwinOptions
from edgan.settings import OptimiserSettings, Strict, TrainingSettings


class DiscriminatorSettings(ImageDiscriminatorSettings):
    """The image discriminator. Its norm keeps no running statistics; real and fake are normalised separately."""

    width: int = 16
    max_width: int = 128
    kernel: int = 5
    norm: Literal["batch", "instance", "group", "none"] = "batch"
    activation: Literal["relu", "leaky"] = "relu"
    fully_connected: int = 1024
    init: Literal["dcgan", "he", "torch"] = "dcgan"


class Settings(Strict):
    """Settings of CAAE."""

    network: ed_gan.NetworkSettings = ed_gan.NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    latent: LatentSettings = LatentSettings(prior="aae")
    penalty: R1Settings = R1Settings()
    adversarial_weight: float = Field(1e-4, ge=0, description="lambda of Eq. 1; unused in the twin")


class TwinSettings(FeatureTraining, TwinOptions, Settings):
    """Settings of CAAE's twin."""


_QUICK_DISCRIMINATOR = DiscriminatorSettings(kind="projected", augment="few", augment_colour=False)
_QUICK_LATENT = LatentSettings(prior="aae", size=128)
_SLOW = OptimiserSettings(lr=5e-5, beta1=0.5)

PRESETS = {
    "paper": Preset(
        TrainingSettings(batch=100, optimiser=OptimiserSettings(lr=2e-4, beta1=0.5)),
        Settings(
            network=ed_gan.NetworkSettings(norm="none", head=True),
            discriminator=DiscriminatorSettings(width=16, max_width=128),
            latent=LatentSettings(prior="aae", weight=0.0),
        ),
    ),
    "quick": Preset(
        ed_gan.QUICK_TRAINING,
        Settings(
            network=ed_gan.QUICK_NETWORK,
            discriminator=_QUICK_DISCRIMINATOR,
            latent=_QUICK_LATENT,
            adversarial_weight=0.01,
        ),
    ),
    "small": Preset(
        ed_gan.SMALL_TRAINING,
        Settings(network=ed_gan.SMALL_NETWORK, discriminator=DiscriminatorSettings(fully_connected=256)),
    ),
}

TWIN_PRESETS = {
    "paper": Preset(
        TrainingSettings(batch=25, optimiser=OptimiserSettings(lr=2e-4, beta1=0.5)),
        TwinSettings(
            network=ed_gan.NetworkSettings(norm="none", head=True),
            discriminator=DiscriminatorSettings(width=64, max_width=512),
            latent=LatentSettings(prior="aae", weight=0.0),
            generator=GeneratorSettings(norm="batch"),
            generator_steps=2,
        ),
    ),
    "quick": Preset(
        ed_gan.QUICK_TRAINING,
        TwinSettings(
            network=ed_gan.QUICK_NETWORK,
            discriminator=_QUICK_DISCRIMINATOR.model_copy(update={"augment_cutout": False}),
            latent=_QUICK_LATENT,
            generator=GeneratorSettings(norm="none", activation="leaky", output_gain=0.1),
            **ed_gan.QUICK_GENERATOR_TRAINING.model_dump(exclude_unset=True),
            feature_weight=ed_gan.QUICK_FEATURE_WEIGHT,
        ),
    ),
    "small": Preset(
        ed_gan.SMALL_TRAINING.model_copy(
            update={"optimisers": {**ed_gan.SMALL_TRAINING.optimisers, "generator": _SLOW}}
        ),
        TwinSettings(
            network=ed_gan.SMALL_NETWORK,
            discriminator=DiscriminatorSettings(fully_connected=256, norm="none", activation="leaky", init="he"),
            generator=GeneratorSettings(norm="batch", output_gain=0.0),
            penalty=R1Settings(weight=40.0),
        ),
    ),
}
