"""The encoder-decoder under ED//GAN's residual: the method's own, or that of another run, whatever its architecture.

"ED could be trained first because it is completely independent from GAN" (Paper 1, Section 2.3): any network that
reconstructs can draw the base. Another run's encoder-decoder comes with everything that it computes from the image.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, replace

from torch import nn

from edgan.errors import UsageError
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common import ed_gan
from edgan.methods.common.latent_prior import LatentPrior, latent_prior
from edgan.methods.common.other_run import LabelledOrigin, path
from edgan.methods.registry import find
from edgan.routing import Plan, Tap


@dataclass(frozen=True)
class EncoderDecoder:
    """Networks that reconstruct an image.

    Attributes:
        latent: from "image" to "z", with the losses and networks of a prior on it.
        base: the taps from "z", and where its decoder reads more from "image", to "base".
        networks: builders by column, without those of the prior.
        taught: the columns that the reconstruction loss teaches: what encodes z, and what draws the base.
    """

    latent: LatentPrior
    base: tuple[Tap, ...]
    networks: Mapping[str, Callable[[], nn.Module]]
    taught: tuple[str, ...]


def column_of(network: str, networks: Collection[str]) -> str:
    """The column of a network of another run: a generator that draws the base is the decoder.

    Args:
        network: its name there.
        networks: the names of all networks there.
    """
    return "decoder" if network == "generator" and "decoder" not in networks else network


def encoder_decoder(
    settings: ed_gan.EncoderDecoderSettings, origin: LabelledOrigin | None, shape: Shape
) -> EncoderDecoder:
    """The method's own encoder-decoder (Table 1), or that of another run.

    Args:
        settings: of the method.
        origin: the other run, if it comes from one.
        shape: of the data.

    Raises:
        UsageError: the other run has no encoder-decoder that can be used, or there is a prior on its latent.
    """
    if origin is None:
        net, latent = settings.network, settings.latent
        networks = {"encoder": ed_gan.encoder(net, latent, shape), "decoder": ed_gan.decoder(net, latent.size, shape)}
        return EncoderDecoder(
            latent_prior(latent), (Tap("base", ("z",), network="decoder"),), networks, tuple(networks)
        )
    if settings.latent.prior != "none":
        raise UsageError(
            f"must be none: z comes from the encoder of {origin.run}, whose distribution is as it is.",
            parameter="latent.prior",
        )
    own_shape = replace(shape, attributes=origin.attributes, classes=origin.classes, frequencies=())
    return _of_another(find(origin.method).bind(origin.settings, own_shape), f"{origin.run} ({origin.method})")


def _of_another(other: Method, where: str) -> EncoderDecoder:
    """The encoder-decoder of a method."""
    plan, latent = other.plan, other.latent
    if latent is None or "image" not in _fields(plan, latent.code):
        raise UsageError(f"{where} has no encoder-decoder: it does not encode an image as a vector z.")
    code = path(plan, latent.code, {}, "z")
    starts, inferred = {latent.z: "z"}, tuple[Tap, ...]()
    if other.edit is not None and other.edit.code is not None:  # what training reads from the data, use infers
        inferred = path(plan, other.edit.code, {latent.z: "z"}, "inferred")
        starts[other.edit.tap] = "inferred"
    base = path(plan, "base" if "base" in plan.tap else "output", starts, "base")
    taps = (*code, *inferred, *base)
    known = {tap.name for tap in taps} | {"image"}
    if lacking := sorted({name for tap in taps for name in tap.inputs} - known):
        raise UsageError(f"{where} cannot draw the base: its decoder reads {' and '.join(lacking)} besides z.")
    names = {name: column_of(name, plan.table.networks) for name in plan.table.networks}
    taps = tuple(tap if tap.network is None else replace(tap, network=names[tap.network]) for tap in taps)
    used = {tap.network for tap in taps}
    if not {"encoder", "decoder"} <= used or used & {"generator", "discriminator"}:
        raise UsageError(
            f"{where} cannot draw the base: its pictures are not drawn by an encoder and a decoder (or a generator) "
            "alone."
        )
    taught = {tap.network for tap in taps[: len(code)]} | {_drawer(taps)}
    networks = {names[name]: other.networks[name] for name in plan.table.networks if names[name] in used}
    return EncoderDecoder(
        LatentPrior(Latent(latent.size), taps[: len(code)]),
        taps[len(code) :],
        networks,
        tuple(name for name in networks if name in taught),
    )


def _fields(plan: Plan, name: str) -> set[str]:
    """The batch fields behind a tap."""
    return {source for tap in plan.needed([name]) for source in plan.tap[tap].inputs if source not in plan.tap}


def _drawer(base: tuple[Tap, ...]) -> str | None:
    """The last network on the way to the base."""
    return next((tap.network for tap in reversed(base) if tap.network is not None), None)
