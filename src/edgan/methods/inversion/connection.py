"""The connection network: from D's last features to the latent, by two fully connected layers.

Recycling the Discriminator for Improving the Inference Mapping of GAN (Bang, Kang, Shim; arXiv 1805.10717), Section 3:
min || z - CN(D_f(G(z))) ||^2 over CN alone. A discriminator has seen real and generated images, so what it looks at
says something of both, and the way from there to the latent is short. G and D are columns without a cell: they stay bit
for bit as they were, running statistics included. No image of the data set is read; z is drawn anew at every step.

Beyond the paper: features of D's last few layers in place of the last one, and a cycle row that asks the image drawn
from the found latent to be the one that was drawn.
"""

from __future__ import annotations

from pydantic import Field
from torch import Tensor

from edgan.errors import UsageError
from edgan.losses import l2
from edgan.methods.base import Method, Shape
from edgan.methods.common.frozen_gan import Frozen, InversionSettings, feature_width, frozen_gan, inverter
from edgan.methods.page import Page, Preset
from edgan.nets.dcgan import Discriminator
from edgan.nets.features import ConnectionNetwork, as_vectors
from edgan.routing import Row, Tap, Term, row


class Settings(InversionSettings):
    """Settings of the connection network."""

    hidden: int = Field(1024, ge=1, description="width of its two layers")
    layers: int = Field(1, ge=1, description="how many of D's last layers it reads; 1 in the paper")
    cycle: float = Field(0.0, ge=0, description="weight of the squared error of the image drawn again; 0 in the paper")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    gan = frozen_gan(settings, shape)
    size, last = gan.latent.size, settings.layers
    reading = _features(gan, "image", "features_read", last)
    taps = (
        *_features(gan, "generated", "features_generated", last),
        Tap("z_found", ("features_generated",), network="connection"),
        *reading,
        Tap("z", ("features_read",), network="connection"),
    )
    rows: tuple[Row, ...] = (
        row(Term("latent", l2, ("z_found", "z_drawn"), "L2(CN(D_f(G(z))), z)", "Sec. 3"), connection=1.0),
    )
    if settings.cycle:
        taps += gan.draw("z_found", "redrawn")
        cycle = Term("cycle", l2, ("redrawn", "generated"), "L2(G(CN(D_f(G(z)))), G(z))")
        rows += (row(cycle, connection=settings.cycle),)

    def network() -> ConnectionNetwork:
        return ConnectionNetwork(feature_width(reading, "features_read", gan.method, shape), size, settings.hidden)

    return inverter(settings, gan, "connection", network, rows, taps)


def _features(gan: Frozen, image: str, name: str, last: int) -> tuple[Tap, ...]:
    """From an image to D's last features, or to those of its last few layers."""
    if last == 1:
        return gan.look(image, name)
    maps = Tap(f"maps/{name}", (image,), network="discriminator", method="features_by_layer")
    if not isinstance(gan.method.networks["discriminator"](), Discriminator):
        raise UsageError(
            f"layers: the discriminator of a {gan.method.name} shows its last features only. Use layers=1."
        )

    def several(layers: tuple[Tensor, ...]) -> Tensor:
        return as_vectors(layers[-last:])

    return (maps, Tap(name, (maps.name,), function=several))


PAGE = Page(
    name="connection",
    summary="inverts a trained GAN: a small network from D's features to the latent",
    paper="Bang, Kang, Shim: Recycling the Discriminator for Improving the Inference Mapping of GAN (1805.10717)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets={
        name: Preset.parse(Settings, values)
        for name, values in {
            "paper": {"batch": 128, "steps": 100_000, "optimiser.lr": 2e-4, "optimiser.beta1": 0.5},
            "small": {"batch": 128, "optimiser.lr": 1e-3, "optimiser.beta1": 0.9},
        }.items()
    },
    build=build,
    origin="gan",
)
