"""AE-XCov: an autoencoder whose latent is uncorrelated with the attributes that its decoder takes.

Discovering Hidden Factors of Variation in Deep Networks (Cheung et al. 2015), as CDNet's authors run it for comparison
(Paper 2, Section IV-A2 and the released code). One encoder gives the attributes and z. The decoder takes the attributes
at its first layer alone: the data's in training, the encoder's in inference. There is no discriminator. The networks
are CDNet's, so that only the losses differ.
"""

from __future__ import annotations

from functools import partial

from edgan.losses import cross_covariance
from edgan.losses.decorrelation import LEAST_UNBIASED
from edgan.methods.attributes.ae_xcov_settings import PRESETS, Settings
from edgan.methods.base import Edit, Latent, Method, Shape
from edgan.methods.common.attribute_targets import targets_of
from edgan.methods.common.cdnet_networks import decoder_builder, encoder_builder, pixel_loss
from edgan.methods.common.entries import Entries
from edgan.methods.common.identity import identity
from edgan.methods.page import Page
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    net, targets = settings.network, targets_of(shape)
    pixel_taps, reconstruction = pixel_loss(net, "Eq. 4")
    taps = (
        Tap("code", ("image",), network="encoder"),
        Tap("y_logits", ("code",), function=Entries(0, targets.count)),
        Tap("z", ("code",), function=Entries(targets.count, None)),
        targets.soft,
        targets.given,
        Tap("base", ("z", "y_given"), network="decoder"),
        Tap("output", ("base",), function=identity),
        *pixel_taps,
    )
    xcov = partial(cross_covariance, unbiased=settings.unbiased)
    decorrelation = Term("decorrelation", xcov, ("y", "z"), "XCov(y, z)", "Eq. 2")
    table = Table(
        ("encoder", "decoder"),
        (
            row(targets.classification, encoder=1.0),
            row(reconstruction, encoder=0.5, decoder=0.5),
            row(decorrelation, encoder=settings.decorrelation_weight),
        ),
    )
    stage = Stage("together", (Phase("all", ("encoder", "decoder")),), simultaneous=True)
    return Method(
        plan=Plan(table, taps, (stage,)),
        networks={
            "encoder": encoder_builder(net, shape, targets.count + net.latent),
            "decoder": decoder_builder(net, shape, targets.count, everywhere=False),
        },
        latent=Latent(net.latent),
        adversarial=(),
        edit=Edit("y_given", targets.names, targets.kind, low=-0.5, high=6.0, code="y"),
        attributes_last=("decoder",),
    )


def _least_batch(settings: Settings) -> int:
    """An unbiased estimate of dependence needs four images, batch norm two."""
    return LEAST_UNBIASED if settings.unbiased else 2


PAGE = Page(
    name="ae-xcov",
    summary="an autoencoder whose decoder takes the attributes, with a latent uncorrelated with them; no GAN",
    paper="Cheung, Livezey, Bansal, Olshausen: Discovering Hidden Factors of Variation in Deep Networks (2015)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "edit"),
    presets=PRESETS,
    build=build,
    least_batch=_least_batch,
    example={"attributes": tuple(f"attribute_{i}" for i in range(1, 41))},
)
