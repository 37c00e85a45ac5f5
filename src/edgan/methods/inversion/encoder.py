"""The naive encoder: a new network from the image to the latent, which shares nothing with D.

The rival in Paper 3's Fig. 1. Its objective is unstated there. `latent` (the main one here) is BiGAN's latent
regressor: the encoder finds again the latent that a generated image was drawn from. `pixel` is iGAN's P: on real
images, the squared error of the image drawn again, and .002 times that of features, D's here and AlexNet's there
(Zhu et al. 2016, released code).
"""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from edgan.losses import l2
from edgan.methods.base import Method, Shape
from edgan.methods.common.frozen_gan import InversionSettings, frozen_gan, inverter
from edgan.methods.common.gan import Norm
from edgan.methods.page import Page, Preset
from edgan.nets.dcgan import Encoder
from edgan.routing import Row, Tap, Term, row


class Settings(InversionSettings):
    """Settings of the naive encoder."""

    objective: Literal["latent", "pixel"] = Field("latent", description="what it learns from")
    feature_weight: float = Field(0.002, ge=0, description="of D's features, where the objective is pixel")
    width: int = Field(64, ge=4, description="channels after the first convolution, as D has them")
    kernel: int = Field(5, description="side of the convolutions' kernels")
    norm: Norm = Field("batch", description="normalisation")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    gan = frozen_gan(settings, shape)
    size = gan.latent.size
    taps: tuple[Tap, ...] = (Tap("z", ("image",), network="encoder"),)
    rows: tuple[Row, ...]
    if settings.objective == "latent":
        taps += (Tap("z_found", ("generated",), network="encoder"),)
        rows = (row(Term("latent", l2, ("z_found", "z_drawn"), "L2(E(G(z)), z)", "BiGAN LR"), encoder=1.0),)
    else:
        rows = (row(Term("pixel", l2, ("output", "image"), "L2(G(E(image)), image)", "iGAN Eq. 3"), encoder=1.0),)
        if settings.feature_weight:
            taps += gan.look("output", "features_redrawn")
            likeness = Term("feature", l2, ("features_redrawn", "features"), "L2 of D's features", "iGAN Eq. 3")
            rows += (row(likeness, encoder=settings.feature_weight),)
    options = {"width": settings.width, "kernel": settings.kernel, "norm": settings.norm}

    def network() -> Encoder:
        return Encoder(size=shape.size, channels=shape.channels, outputs=size, **options)  # type: ignore[arg-type]

    return inverter(settings, gan, "encoder", network, rows, taps)


SMALL = {"batch": 128, "optimiser.lr": 1e-3, "optimiser.beta1": 0.9, "width": 32, "kernel": 4}

PAGE = Page(
    name="encoder",
    summary="inverts a trained GAN: a new encoder from the image to the latent, the connection network's rival",
    paper="Zhu et al.: Generative Visual Manipulation on the Natural Image Manifold (ECCV 2016), Section 3.2",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": {"batch": 128, "optimiser.lr": 2e-4, "optimiser.beta1": 0.5},
            "small": SMALL,
        }.items()
    },
    build=build,
    origin="gan",
)
