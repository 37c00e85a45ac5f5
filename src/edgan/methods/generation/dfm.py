"""DFM: a denoiser learns what D's features of real images look like, and pulls G's features there.

Improving Generative Adversarial Networks with Denoising Feature Matching (Warde-Farley, Bengio; ICLR 2017). A denoising
autoencoder r learns on D's features of real images, with Gaussian noise added; G's features are drawn to what r makes
of them. r is an ordinary column, its lesson an ordinary row. The weight .03 with mean squares and r held constant for G
follow the public re-implementation in chainer-gan-lib; r meets D's features after the activation, as all else here.
"""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from edgan.losses import discrimination, l2, non_saturating
from edgan.methods.base import Method, Shape
from edgan.methods.common.gan import GAME, PAPER, SMALL, GanSettings, gan, turns
from edgan.methods.page import Page, Preset
from edgan.nets.dcgan import feature_count
from edgan.nets.features import Denoiser, as_vector
from edgan.routing import Cut, Phase, Tap, Term, row
from edgan.settings import Strict


class DenoiserSettings(Strict):
    """r, and what it asks of G."""

    hidden: int = Field(2048, ge=1, description="width of r's layers")
    depth: int = Field(10, ge=2, description="how many")
    noise: float = Field(1.0, gt=0, description="standard deviation of the noise on real features")
    weight: float = Field(0.03, ge=0, description="of the denoised features' row in G's column")


class Settings(GanSettings):
    """Every GAN's, and the denoiser's."""

    denoiser: DenoiserSettings = DenoiserSettings()


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    count = feature_count(shape.size, settings.network.width)
    noise, r = settings.denoiser.noise, settings.denoiser

    def corrupted(vector: Tensor, normal: Tensor) -> Tensor:
        return torch.add(vector, normal, alpha=noise)

    taps = (
        *GAME,
        Tap("vector", ("features",), function=as_vector),
        Tap("noise", noise=("normal", (count,))),
        Tap("corrupted", ("vector", "noise"), function=corrupted),
        Tap("restored", ("corrupted",), network="denoiser"),
        Tap("vector_fake", ("features_fake",), function=as_vector),
        Tap("denoised", ("vector_fake",), network="denoiser"),
    )
    rows = (
        row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Goodfellow 2014"), generator=1.0),
        row(Term("matching", l2, ("vector_fake", "denoised"), "L2(features, r)", "DFM Eq. 8"), generator=r.weight),
        row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Goodfellow 2014"), discriminator=1.0),
        row(Term("denoising", l2, ("restored", "vector"), "L2(r(noisy), real)", "DFM Eq. 7"), denoiser=1.0),
    )
    return gan(
        settings,
        shape,
        rows,
        taps=taps,
        stages=(turns(Phase("discriminate and denoise", ("discriminator", "denoiser"))),),
        beside={"denoiser": lambda: Denoiser(count, r.hidden, r.depth)},
        cuts=(Cut("r is a target", "denoised", into="matching"),),
    )


PAGE = Page(
    name="dfm",
    summary="DCGAN and a denoiser of D's features, which draws G's features to real ones",
    paper="Warde-Farley, Bengio: Improving GANs with Denoising Feature Matching (ICLR 2017)",
    settings=Settings,
    capabilities=("sample",),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {"paper": PAPER, "small": {**SMALL, "denoiser.hidden": 256, "denoiser.depth": 4}}.items()
    },
    build=build,
)
