"""VAE: an encoder gives a Gaussian for each image, a generator draws the image from a sample of it.

Auto-Encoding Variational Bayes (Kingma, Welling; ICLR 2014), on DCGAN's networks: one of the two models of Paper 3's
Table 1 that have their own way from image to latent. The decoder's Gaussian has a standard deviation that is a
setting: it says how much a nat of KL is worth in squared pixels, and the figures hang on it.
"""

from __future__ import annotations

from pydantic import Field

from edgan.losses import kl_to_standard_normal, l2
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.gan import PAPER, SMALL, GanSettings, NetworkSettings, generator, options
from edgan.methods.common.identity import identity
from edgan.methods.common.posterior import posterior_taps
from edgan.methods.page import Page, Preset
from edgan.nets.dcgan import Encoder
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row
from edgan.settings import Strict


class LatentSettings(Strict):
    """The latent, N(0, I) a priori."""

    size: int = Field(128, ge=1)


class Settings(Strict):
    """A GAN's networks and what makes them a VAE."""

    network: NetworkSettings = NetworkSettings()
    latent: LatentSettings = LatentSettings()
    deviation: float = Field(1.0, gt=0, description="standard deviation of the decoder's Gaussian, images in [-1, 1]")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    like = GanSettings.model_validate({"network": settings.network, "latent": {"size": settings.latent.size}})
    size, norm = settings.latent.size, settings.network.norm
    taps = (
        *posterior_taps(size),
        Tap("base", ("z",), network="generator"),
        Tap("output", ("base",), function=identity),
    )
    # -log N(image; base, deviation^2) + KL, times 2 deviation^2 over the number of pixels: the squares are then a mean.
    kl = 2.0 * settings.deviation**2 / (shape.channels * shape.size**2)
    rows = (
        row(Term("reconstruction", l2, ("base", "image"), "L2(base, image)", "Eq. 10"), encoder=1.0, generator=1.0),
        row(
            Term("prior", kl_to_standard_normal, ("mean", "log_variance"), "KL(q(z|image), N(0,I))", "Eq. 10"),
            encoder=kl,
        ),
    )
    parts = options(like, shape)
    together = Stage("together", (Phase("learn", ("encoder", "generator")),), simultaneous=False)
    return Method(
        plan=Plan(Table(("encoder", "generator"), rows), taps, (together,)),
        networks={
            "encoder": lambda: Encoder(**parts, outputs=2 * size, norm=norm),
            "generator": generator(like, shape),
        },
        latent=Latent(size, code="mean", prior="normal"),
    )


PAGE = Page(
    name="vae",
    summary="an encoder and a generator that share a bound on the likelihood",
    paper="Kingma, Welling: Auto-Encoding Variational Bayes (ICLR 2014)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": PAPER,
            "small": {**SMALL, "optimiser.lr": 1e-3, "optimiser.beta1": 0.9, "deviation": 0.3},
        }.items()
    },
    build=build,
)
