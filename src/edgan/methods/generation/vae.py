"""VAE: an encoder gives a Gaussian for each image, a generator draws the image from a sample of it.

Auto-Encoding Variational Bayes (Kingma, Welling; ICLR 2014), on DCGAN's networks: one of the two models of Paper 3's
Table 1 that have an encoder of their own. The standard deviation of the decoder's Gaussian is a setting: it weighs the
KL divergence against the squared error, and the results depend on it.
"""

from __future__ import annotations

from pydantic import Field

from edgan.losses import kl_to_standard_normal, l2
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common import gan
from edgan.methods.common.identity import identity
from edgan.methods.common.posterior import posterior_taps
from edgan.methods.page import Page, Preset
from edgan.nets.dcgan import Encoder
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row
from edgan.settings import OptimiserSettings, Strict, TrainingSettings


class LatentSettings(Strict):
    """The latent, with the prior N(0, I)."""

    size: int = Field(128, ge=1)


class Settings(Strict):
    """Settings of the VAE."""

    network: gan.NetworkSettings = gan.NetworkSettings()
    latent: LatentSettings = LatentSettings()
    deviation: float = Field(1.0, gt=0, description="standard deviation of the decoder's Gaussian, images in [-1, 1]")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    net, size = settings.network, settings.latent.size
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
    options = gan.network_options(net, shape)
    networks = {
        "encoder": lambda: Encoder(**options, outputs=2 * size, norm=net.norm),
        "generator": gan.generator(net, size, shape),
    }
    together = Stage("together", (Phase("learn", ("encoder", "generator")),), simultaneous=False)
    plan = Plan(Table(tuple(networks), rows), taps, (together,))
    return Method(plan, networks, Latent(size, code="mean", prior="normal"))


PAGE = Page(
    name="vae",
    summary="an encoder and a generator that share a bound on the likelihood",
    paper="Kingma, Welling: Auto-Encoding Variational Bayes (ICLR 2014)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets={
        "paper": Preset(gan.PAPER_TRAINING, Settings()),
        "small": Preset(
            TrainingSettings(batch=64, optimiser=OptimiserSettings(lr=1e-3, beta1=0.9)),
            Settings(network=gan.SMALL_NETWORK, latent=LatentSettings(size=64), deviation=0.3),
        ),
    },
    build=build,
)
