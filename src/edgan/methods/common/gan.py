"""What the five GANs share: DCGAN's networks, the latent's prior, and the taps of a game between G and D.

"For the fair evaluation, the architecture of all baseline networks (e.g., the number of layers, filter size, using
batch normalization) borrows that of DCGAN" (Paper 3, Section 4). So a page says only which loss is played, and what
stands beside the two networks.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

from pydantic import Field
from torch import nn

from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.latent_prior import symmetric_uniform
from edgan.nets.dcgan import Discriminator, Generator
from edgan.routing import Phase, Plan, Row, Stage, Table, Tap
from edgan.settings import Strict

Norm = Literal["batch", "instance", "group", "none"]


class NetworkSettings(Strict):
    """G and D, and whatever is shaped like one of them."""

    width: int = Field(64, ge=4, description="channels after D's first convolution; G is twice as wide")
    kernel: int = Field(5, description="side of the convolutions' kernels")
    norm: Norm = Field("batch", description="normalisation in G")
    upsample: Literal["transposed", "nearest", "bilinear"] = "transposed"


class DiscriminatorSettings(Strict):
    """Where D differs from the other networks."""

    norm: Norm = Field("batch", description="normalisation in D; its running statistics see real and fake in turn")


class PriorSettings(Strict):
    """The latent that images are drawn from."""

    size: int = Field(128, ge=1)
    prior: Literal["uniform", "normal"] = Field("uniform", description="U(-1, 1), as in the author's code, or N(0, 1)")


class GanSettings(Strict):
    """Settings of every GAN."""

    network: NetworkSettings = NetworkSettings()
    discriminator: DiscriminatorSettings = DiscriminatorSettings()
    latent: PriorSettings = PriorSettings()


def options(settings: GanSettings, shape: Shape) -> dict[str, Any]:
    """What every network here is told: size, channels, width, kernel."""
    net = settings.network
    return {"size": shape.size, "channels": shape.channels, "width": net.width, "kernel": net.kernel}


def generator(settings: GanSettings, shape: Shape) -> Callable[[], nn.Module]:
    """A builder of G."""
    net = settings.network
    more: dict[str, Any] = {"latent": settings.latent.size, "norm": net.norm, "upsample": net.upsample}
    return lambda: Generator(**options(settings, shape), **more)


def discriminator(settings: GanSettings, shape: Shape, beside: int = 0) -> Callable[[], nn.Module]:
    """A builder of D."""
    return lambda: Discriminator(**options(settings, shape), norm=settings.discriminator.norm, beside=beside)


def latent_of(settings: PriorSettings, name: str = "z") -> tuple[Latent, tuple[Tap, ...]]:
    """The latent, and the taps that draw it from its prior under this name."""
    if settings.prior == "normal":
        return Latent(settings.size, code=name, z=name, prior="normal"), (
            Tap(name, noise=("normal", (settings.size,))),
        )
    unit = Tap(f"{name}_unit", noise=("uniform", (settings.size,)))
    latent = Latent(settings.size, code=name, z=name, prior="symmetric-uniform")
    return latent, (unit, Tap(name, (unit.name,), function=symmetric_uniform))


GAME = (
    Tap("output", ("z",), network="generator"),
    Tap("features", ("image",), network="discriminator", method="features"),
    Tap("features_fake", ("output",), network="discriminator", method="features"),
    Tap("d_real", ("features",), network="discriminator", method="judge"),
    Tap("d_fake", ("features_fake",), network="discriminator", method="judge"),
)
"""G draws, D looks at both; its last features have names of their own, since inversion recycles them."""


DISCRIMINATE = Phase("discriminate", ("discriminator",))


def turns(discriminate: Phase = DISCRIMINATE, name: str = "game") -> Stage:
    """D, then G, each on the same batch and with the same z."""
    return Stage(name, (discriminate, Phase("generate", ("generator",))), simultaneous=False)


def gan(
    settings: GanSettings,
    shape: Shape,
    rows: tuple[Row, ...],
    *,
    taps: tuple[Tap, ...] = GAME,
    stages: tuple[Stage, ...] | None = None,
    beside: Mapping[str, Callable[[], nn.Module]] | None = None,
    **more: Any,
) -> Method:
    """A GAN of this family.

    Args:
        settings, shape: what the page was given.
        rows: the game.
        taps: all but the latent's.
        stages: D and G in turn, unless given.
        beside: builders of networks other than G and D.
        **more: other fields of the method; a "discriminator" among `beside` replaces the usual one.
    """
    latent, drawn = latent_of(settings.latent)
    networks = {
        "generator": generator(settings, shape),
        "discriminator": discriminator(settings, shape),
        **(beside or {}),
    }
    cuts = more.pop("cuts", ())
    plan = Plan(Table(tuple(networks), rows), (*drawn, *taps), stages or (turns(),), cuts)
    return Method(plan, networks, latent, **more)


PAPER: Mapping[str, object] = {"batch": 128, "optimiser.lr": 2e-4, "optimiser.beta1": 0.5}
SMALL: Mapping[str, object] = {
    "batch": 64,
    "optimiser.lr": 2e-4,
    "optimiser.beta1": 0.5,
    "network.width": 32,
    "network.kernel": 4,
    "latent.size": 64,
}
"""Half as wide, kernels of 4 (whose even overlap prints no checkerboard), and a latent of 64."""
