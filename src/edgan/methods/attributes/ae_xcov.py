"""AE-XCov: an autoencoder whose latent is uncorrelated with the attributes that its decoder is told.

Discovering Hidden Factors of Variation in Deep Networks (Cheung et al. 2015), as CDNet's authors run it beside theirs
(Paper 2, Section IV-A2 and the released code): one encoder gives the attributes and z, the decoder is told the data's
own attributes in training and the encoder's in use, at its first layer alone, and there is no game. CDNet's layers, so
that only the losses differ.
"""

from __future__ import annotations

from pydantic import Field

from edgan.losses import cross_covariance, l2
from edgan.methods.attributes.parts import (
    NetworkSettings,
    Part,
    decoder_builder,
    encoder_builder,
    targets_of,
)
from edgan.methods.base import Edit, Latent, Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.page import Page, Preset
from edgan.routing import Phase, Plan, Stage, Table, Tap, Term, row
from edgan.settings import Strict


class Settings(Strict):
    """Settings of AE-XCov."""

    network: NetworkSettings = NetworkSettings()
    decorrelation_weight: float = Field(1.0, ge=0, description="of XCov (5 for the paper's digits)")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    net, targets = settings.network, targets_of("ae-xcov", shape)
    count = len(targets.names)
    taps = (
        Tap("code", ("image",), network="encoder"),
        Tap("y_logits", ("code",), function=Part(0, count)),
        Tap("z", ("code",), function=Part(count, None)),
        targets.soft,
        targets.given,
        Tap("base", ("z", "y_given"), network="decoder"),
        Tap("output", ("base",), function=identity),
    )
    reconstruction = Term("reconstruction", l2, ("base", "image"), "L2(base, image)", "Eq. 4")
    decorrelation = Term("decorrelation", cross_covariance, ("y", "z"), "XCov(y, z)", "Eq. 2")
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
            "encoder": encoder_builder(net, shape, count + net.latent),
            "decoder": decoder_builder(net, shape, count, everywhere=False),
        },
        latent=Latent(net.latent),
        adversarial=(),
        edit=Edit("y_given", targets.names, targets.kind, low=-0.5, high=6.0, code="y"),
    )


_RMSPROP = {"optimiser.name": "rmsprop", "optimiser.lr": 1e-4, "optimiser.beta2": 0.9, "optimiser.decay": 0.75}
_ADAM = {"optimiser.name": "adam", "optimiser.lr": 1e-3, "optimiser.beta1": 0.5, "network.dropout": 0.1}
_DIGITS = {"size": 28, "batch": 100, "network.width": 32, "network.latent": 10, "decorrelation_weight": 5.0}

PAGE = Page(
    name="ae-xcov",
    summary="an autoencoder that is told the attributes, with a latent uncorrelated with them; no game",
    paper="Cheung, Livezey, Bansal, Olshausen: Discovering Hidden Factors of Variation in Deep Networks (2015)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "edit"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": {**_RMSPROP, "batch": 128, "optimiser.decay_at": (10_000, 20_000)},
            "paper-digits": {**_RMSPROP, **_DIGITS, "network.hidden": (1000,), "network.dropout": 0.25},
            "small": {**_ADAM, "batch": 64, "network.width": 32, "network.hidden": (512,), "network.latent": 128},
            "small-digits": {**_ADAM, **_DIGITS, "network.hidden": (256,)},
        }.items()
    },
    build=build,
    example={"attributes": tuple(f"attribute_{i}" for i in range(1, 41))},
)
