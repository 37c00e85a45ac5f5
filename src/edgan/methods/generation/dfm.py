"""DFM: a denoiser learns the distribution of D's features of real images and pulls G's features to it.

Improving Generative Adversarial Networks with Denoising Feature Matching (Warde-Farley, Bengio; ICLR 2017). A denoising
autoencoder r is trained on D's features of real images with Gaussian noise. G's features are pulled to r's output for
them. r is a column of the table and its loss a row. The weight .03, mean squares, a constant r for G, and r in
inference mode on fakes, with the running statistics of real features, follow the public re-implementation in
chainer-gan-lib. r reads D's features after the activation.
"""

from __future__ import annotations

import torch
from pydantic import Field
from torch import Tensor

from edgan.losses import discrimination, l2, non_saturating
from edgan.methods.base import Method, Shape
from edgan.methods.common import gan
from edgan.methods.page import Page, Preset
from edgan.nets.dcgan import feature_count
from edgan.nets.features import Denoiser, as_vector
from edgan.routing import Cut, Phase, Plan, Table, Tap, Term, row
from edgan.settings import Strict


class DenoiserSettings(Strict):
    """The denoiser r, and the weight of its loss for G."""

    hidden: int = Field(2048, ge=1, description="width of r's layers")
    depth: int = Field(10, ge=2, description="number of r's layers")
    noise: float = Field(1.0, gt=0, description="standard deviation of the noise on real features")
    weight: float = Field(0.03, ge=0, description="of the denoised features' row in G's column")


class Settings(gan.GanSettings):
    """Those of every GAN, and the denoiser's."""

    denoiser: DenoiserSettings = DenoiserSettings()


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    latent, z = gan.sampled_latent(settings.latent)
    count = feature_count(shape.size, settings.network.width)
    denoiser = settings.denoiser

    def corrupted(vector: Tensor, normal: Tensor) -> Tensor:
        return torch.add(vector, normal, alpha=denoiser.noise)

    taps = (
        *z,
        *gan.GAME,
        Tap("vector", ("features",), function=as_vector),
        Tap("noise", noise=("normal", (count,))),
        Tap("corrupted", ("vector", "noise"), function=corrupted),
        Tap("restored", ("corrupted",), network="denoiser"),
        Tap("vector_fake", ("features_fake",), function=as_vector),
        Tap("denoised", ("vector_fake",), network="denoiser", method="denoise"),
    )
    matching = Term("matching", l2, ("vector_fake", "denoised"), "L2(features, r)", "DFM Eq. 8")
    rows = (
        row(Term("adversarial", non_saturating, ("d_fake",), "non-saturating", "Goodfellow 2014"), generator=1.0),
        row(matching, generator=denoiser.weight),
        row(Term("discrimination", discrimination, ("d_real", "d_fake"), "BCE", "Goodfellow 2014"), discriminator=1.0),
        row(Term("denoising", l2, ("restored", "vector"), "L2(r(noisy), real)", "DFM Eq. 7"), denoiser=1.0),
    )
    networks = {
        **gan.generator_and_discriminator(settings, shape),
        "denoiser": lambda: Denoiser(count, denoiser.hidden, denoiser.depth),
    }
    learn = Phase("discriminate and denoise", ("discriminator", "denoiser"))
    target = Cut("r is a target", "denoised", into="matching")
    return Method(Plan(Table(tuple(networks), rows), taps, (gan.alternate(learn),), (target,)), networks, latent)


PAGE = Page(
    name="dfm",
    summary="DCGAN and a denoiser of D's features, which draws G's features to real ones",
    paper="Warde-Farley, Bengio: Improving GANs with Denoising Feature Matching (ICLR 2017)",
    settings=Settings,
    capabilities=("sample",),
    presets={
        "paper": Preset(gan.PAPER_TRAINING, Settings()),
        "small": Preset(
            gan.SMALL_TRAINING,
            Settings(
                network=gan.SMALL_NETWORK, latent=gan.SMALL_LATENT, denoiser=DenoiserSettings(hidden=256, depth=4)
            ),
        ),
    },
    build=build,
    architecture=("network", "discriminator", "latent", "denoiser.hidden", "denoiser.depth"),
)
