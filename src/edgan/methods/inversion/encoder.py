"""The naive encoder: a new network from the image to the latent, which shares nothing with D.

The rival in Paper 3's Fig. 1, which does not state its objective. `latent` (the default) is BiGAN's latent regressor:
the encoder infers the latent of a generated image. `pixel` is iGAN's P: on real images, the squared error of the
regenerated image plus .002 times that of features, D's here and AlexNet's there (Zhu et al. 2016, released code).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgan.losses import l2
from edgan.methods.base import Method, Shape
from edgan.methods.common.frozen_gan import InversionSettings, frozen_gan, inverter
from edgan.methods.common.gan import PAPER_CROP, NetworkSettings, Norm, network_options
from edgan.methods.page import Page, Preset
from edgan.nets.dcgan import Encoder
from edgan.routing import Row, Tap, Term, row
from edgan.settings import OptimiserSettings, TrainingSettings


class Settings(InversionSettings):
    """Settings of the naive encoder."""

    objective: Literal["latent", "pixel"] = Field("latent", description="the loss")
    feature_weight: float = Field(0.002, ge=0, description="of D's features, where the objective is pixel")
    width: int = Field(64, ge=4, description="channels after the first convolution, as D has them")
    kernel: int = Field(5, description="side of the convolutions' kernels")
    norm: Norm = Field("batch", description="normalisation")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    gan = frozen_gan(settings, shape)
    taps: tuple[Tap, ...] = (Tap("z", ("image",), network="encoder"),)
    rows: tuple[Row, ...]
    if settings.objective == "latent":
        taps += (Tap("z_found", ("generated",), network="encoder"),)
        rows = (row(Term("latent", l2, ("z_found", "z_drawn"), "L2(E(G(z)), z)", "BiGAN LR"), encoder=1.0),)
    else:
        rows = (row(Term("pixel", l2, ("output", "image"), "L2(G(E(image)), image)", "iGAN Eq. 3"), encoder=1.0),)
        if settings.feature_weight:
            taps += gan.features("output", "features_redrawn")
            feature = Term("feature", l2, ("features_redrawn", "features"), "L2 of D's features", "iGAN Eq. 3")
            rows += (row(feature, encoder=settings.feature_weight),)
    networks = NetworkSettings(width=settings.width, kernel=settings.kernel)
    options, size = network_options(networks, shape), gan.latent.size
    return inverter(
        settings, gan, ("encoder", lambda: Encoder(**options, outputs=size, norm=settings.norm)), rows, taps
    )


PAGE = Page(
    name="encoder",
    summary="inverts a trained GAN: a new encoder from the image to the latent, the connection network's rival",
    paper="Zhu et al.: Generative Visual Manipulation on the Natural Image Manifold (ECCV 2016), Section 3.2",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets={
        "paper": Preset(
            TrainingSettings(crop=PAPER_CROP, batch=128, optimiser=OptimiserSettings(lr=2e-4, beta1=0.5)), Settings()
        ),
        "small": Preset(
            TrainingSettings(batch=128, optimiser=OptimiserSettings(lr=1e-3, beta1=0.9)), Settings(width=32, kernel=4)
        ),
    },
    build=build,
    architecture=("gan", "width", "kernel", "norm"),
    origin="gan",
)
