"""The connection network: from D's last features to the latent, by two fully connected layers.

Recycling the Discriminator for Improving the Inference Mapping of GAN (Bang, Kang, Shim; arXiv 1805.10717), Section 3:
min || z - CN(D_f(G(z))) ||^2 over CN alone. A discriminator has seen real and generated images, so its features
describe both, and a small network maps them to the latent. G and D are columns without a cell: they stay bit for bit
as they were, running statistics included. Training reads no image of the data set; z is sampled at every step.

Beyond the paper: features of D's last few layers in place of the last one, and a cycle loss between the generated image
and the image generated from its inferred latent.
"""

from __future__ import annotations

from functools import partial

from torch import Tensor

from edgan.errors import UsageError
from edgan.losses import l2
from edgan.methods.base import Method, Shape
from edgan.methods.common.frozen_gan import Frozen, feature_width, frozen_gan, inverter
from edgan.methods.inversion.connection_settings import PRESETS, Settings
from edgan.methods.page import Page
from edgan.nets.dcgan import Discriminator
from edgan.nets.features import ConnectionNetwork, as_vectors
from edgan.routing import Row, Tap, Term, row


def build(settings: Settings, shape: Shape) -> Method:
    """The method for one shape of data."""
    gan = frozen_gan(settings, shape)
    of_image = _features(gan, "image", "features_read", settings.layers)
    taps = (
        *_features(gan, "generated", "features_generated", settings.layers),
        Tap("z_found", ("features_generated",), network="connection"),
        *of_image,
        Tap("z", ("features_read",), network="connection"),
    )
    rows: tuple[Row, ...] = (
        row(Term("latent", l2, ("z_found", "z_drawn"), "L2(CN(D_f(G(z))), z)", "Sec. 3"), connection=1.0),
    )
    if settings.cycle:
        taps += gan.generate("z_found", "redrawn")
        cycle = Term("cycle", l2, ("redrawn", "generated"), "L2(G(CN(D_f(G(z)))), G(z))")
        rows += (row(cycle, connection=settings.cycle),)

    def network() -> ConnectionNetwork:
        width = feature_width(of_image, "features_read", gan.method, shape)
        return ConnectionNetwork(width, gan.latent.size, settings.hidden)

    return inverter(settings, gan, ("connection", network), rows, taps)


def _features(gan: Frozen, image: str, name: str, count: int) -> tuple[Tap, ...]:
    """The taps from an image to the features of D's last `count` layers.

    Where D's last layer also reads another network's features, as RFGAN's does, they belong to its features here too.

    Raises:
        UsageError: D does not have so many layers, or shows only its last features.
    """
    if count == 1:
        return gan.features(image, name)
    discriminator = gan.method.networks["discriminator"]()
    if not isinstance(discriminator, Discriminator):
        raise UsageError(
            f"must be 1: the discriminator of a {gan.method.name} exposes only its last features (got {count}).",
            parameter="layers",
        )
    layers = len(discriminator.trunk.layers)
    if count > layers:
        raise UsageError(
            f"must be 1 to {layers}: the discriminator of this {gan.method.name} has {layers} layers (got {count}).",
            parameter="layers",
        )
    maps = Tap(f"maps/{name}", (image,), network="discriminator", method="features_by_layer")
    last = gan.features(image, f"last/{name}")
    if len(last) == 1:  # D's own alone, which are the last of its maps
        return (maps, Tap(name, (maps.name,), function=partial(_last_layers, count)))
    return (maps, *last, Tap(name, (maps.name, last[-1].name), function=partial(_last_layers, count)))


def _last_layers(count: int, layers: tuple[Tensor, ...], last: Tensor | None = None) -> Tensor:
    """Maps of all layers to one vector of the last `count`; `last` replaces the maps of the last one."""
    return as_vectors(layers[-count:] if last is None else (*layers[-count:-1], last))


PAGE = Page(
    name="connection",
    summary="inverts a trained GAN: a small network from D's features to the latent",
    paper="Bang, Kang, Shim: Recycling the Discriminator for Improving the Inference Mapping of GAN (1805.10717)",
    settings=Settings,
    capabilities=("reconstruct", "encode", "sample"),
    presets=PRESETS,
    build=build,
    architecture=("gan", "hidden", "layers"),
    origin="gan",
)
