"""VGG16 and a connection network: another network's features in place of D's.

The comparison in Paper 3's Fig. 1 that asks whether D's features are good ones: "pre-trained VGG16 with CN network",
16.81 dB and .5199 there, against 16.85 dB and .5214 with D. The connection network and its loss are the same; VGG16 is
a column without a cell. Its weights come through the torchvision extra.
"""

from __future__ import annotations

from pydantic import Field

from edgan.losses import l2
from edgan.methods.base import Method, Shape
from edgan.methods.common.frozen_gan import InversionSettings, frozen_gan, inverter
from edgan.methods.inversion.connection import PAGE as CONNECTION
from edgan.methods.page import Page, Preset
from edgan.nets.features import ConnectionNetwork
from edgan.nets.vgg import Vgg16Features
from edgan.routing import Tap, Term, row

SIDE, FEATURES = 64, 512 * 2 * 2


class Settings(InversionSettings):
    """Settings of the connection network on VGG16."""

    hidden: int = Field(1024, ge=1, description="width of its hidden layers")


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    gan = frozen_gan(settings, shape)
    taps = (
        Tap("seen_generated", ("generated",), network="vgg"),
        Tap("z_found", ("seen_generated",), network="connection"),
        Tap("seen", ("image",), network="vgg"),
        Tap("z", ("seen",), network="connection"),
    )
    latent = Term("latent", l2, ("z_found", "z_drawn"), "L2(CN(VGG(G(z))), z)", "Sec. 4, Fig. 1")
    connection = ("connection", lambda: ConnectionNetwork(FEATURES, gan.latent.size, settings.hidden))
    rows = (row(latent, connection=1.0),)
    return inverter(settings, gan, connection, rows, taps, frozen={"vgg": lambda: Vgg16Features(SIDE)})


PAGE = Page(
    name="vgg-connection",
    summary="inverts a trained GAN: a connection network on VGG16's features (needs torchvision's weights)",
    paper=CONNECTION.paper,
    settings=Settings,
    capabilities=CONNECTION.capabilities,
    presets={name: Preset(preset.training, Settings()) for name, preset in CONNECTION.presets.items()},
    build=build,
    architecture=("gan", "hidden"),
    origin="gan",
)
