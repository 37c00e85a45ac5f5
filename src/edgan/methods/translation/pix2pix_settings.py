"""Pix2Pix's settings and presets.

The preset `paper` is Pix2Pix's own: 4 x 4 kernels, 70 x 70 patches, batches of 1, whose batch norm is instance norm.
Paper 1's released code differs: `network.kernel=5`, `discriminator.kind=global`, `reconstruction_weight=1`, and in its
twin the encoder-decoder steps before the discriminator.

The default preset `quick` is for 128 px: a projected discriminator (Sauer et al. 2021) that reads the source at each
scale, with the hinge loss, and DiffAugment on few pairs. A last layer at full size reads the source again. A map of
noise beside the source gives plain walls their texture: without it they had a lattice of dots, the only pattern that a
resize-convolution makes of a constant.

The preset `small` is for 64 px on two CPU cores. After a thousand steps the game adds contrast in the wrong places,
which is worse than adding none, so the preset triples L1's weight and draws with averaged weights.
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgan.methods.common.image_discriminator import ProjectedSettings
from edgan.methods.page import Preset
from edgan.methods.twin_settings import GeneratorSettings, TwinOptions
from edgan.settings import AugmentSettings, OptimiserSettings, Strict, TrainingSettings


class NetworkSettings(Strict):
    """The U-Net (appendix 6.1.1)."""

    width: int = Field(64, description="channels after the first convolution; they double at every halving")
    max_width: int = Field(512, description="no layer is wider")
    kernel: int = Field(4, description="side of the kernels: 4, or the 5 of Paper 1's released code")
    norm: Literal["batch", "instance", "group", "none"] = Field(
        "instance", description="batch: statistics of the batch at hand, so a result depends on the other pictures"
    )
    dropout: float = Field(0.5, ge=0, lt=1, description="in the three innermost decoder layers; the only noise")
    init: Literal["dcgan", "he", "torch"] = "dcgan"
    upsample: Literal["transposed", "nearest", "bilinear"] = Field(
        "transposed", description="transposed convolution, or resizing followed by a 3 x 3 convolution"
    )
    noise: float = Field(
        0.0, ge=0, description="standard deviation of a map of noise that the U-Net reads beside the source; 0: none"
    )
    full_size: bool = Field(False, description="a last layer at full size, which reads the source again")


class DiscriminatorSettings(ProjectedSettings):
    """The discriminator of pairs (appendix 6.1.2)."""

    kind: Literal["patch", "global", "projected"] = Field(
        "patch",
        description="global: one logit, as in Paper 1's released code; projected: heads on pretrained features",
    )
    layers: int | None = Field(
        None, description="of stride 2, for kind=patch; 3 give patches of 70 x 70 px; by size unless set"
    )
    width: int = 64
    max_width: int = 512
    kernel: int = 4
    norm: Literal["batch", "instance", "group", "none"] = "batch"
    init: Literal["dcgan", "he", "torch"] = "dcgan"


class Settings(Strict):
    """Settings of Pix2Pix and of its twin."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    reconstruction_weight: float = Field(100.0, ge=0, description="lambda of Eq. 4, on L1")


class TwinSettings(Settings, TwinOptions):
    """Settings of its twin."""


_ADAM, _AUGMENT = OptimiserSettings(lr=2e-4, beta1=0.5), AugmentSettings(enlarge=286 / 256, flip=True)

_QUICK = OptimiserSettings(lr=5e-4, beta1=0.0, beta2=0.99, linear_from=0.5)
_QUICK_NETWORK = NetworkSettings(
    width=32, max_width=128, upsample="nearest", norm="group", noise=0.25, full_size=True, init="he"
)
_QUICK_DISCRIMINATOR = DiscriminatorSettings(kind="projected", augment="few")

PRESETS = {
    "paper": Preset(TrainingSettings(batch=1, optimiser=_ADAM, augment=_AUGMENT), Settings()),
    "quick": Preset(
        TrainingSettings(size=128, batch=4, steps=2000, ema=0.99, optimiser=_QUICK, augment=_AUGMENT),
        Settings(network=_QUICK_NETWORK, discriminator=_QUICK_DISCRIMINATOR, reconstruction_weight=10.0),
    ),
    "small": Preset(
        TrainingSettings(batch=4, ema=0.99, optimiser=_ADAM, augment=_AUGMENT),
        Settings(
            network=NetworkSettings(width=32, max_width=128),
            discriminator=DiscriminatorSettings(width=32, max_width=128, norm="instance"),
            reconstruction_weight=300.0,
        ),
    ),
}

# In the twin pixels alone teach the U-Net, and the residual starts near nothing.
TWIN_PRESETS = {
    "quick": Preset(
        TrainingSettings(
            size=128,
            batch=4,
            steps=1500,
            ema=0.99,
            optimiser=_QUICK,
            optimisers={"unet": OptimiserSettings(lr=1e-3, beta1=0.9, beta2=0.99, linear_from=0.5)},
            augment=_AUGMENT,
        ),
        TwinSettings(
            network=_QUICK_NETWORK,
            discriminator=_QUICK_DISCRIMINATOR,
            generator=GeneratorSettings(output_gain=0.1),
        ),
    ),
}
