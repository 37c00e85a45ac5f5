"""What Editable GAN and the modified cGAN share: networks, the drawn latent, and the taps of both.

Both draw a picture from a latent and the attributes, and find both in a picture by a connection network that reads the
discriminator's features. They differ in who tells the generator what an attribute looks like.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from pydantic import Field
from torch import Tensor, nn

from edgan.losses import l1
from edgan.methods.attributes.parts import Part, Targets
from edgan.methods.base import Edit, Latent, Method, Shape
from edgan.methods.common.identity import identity
from edgan.methods.common.r1 import R1Settings
from edgan.nets.editable import Connection, Generator, last_width
from edgan.routing import Cut, Phase, Piecewise, Plan, Stage, Table, Tap, Term, row
from edgan.settings import Strict

PAPER = "Baek, Bang, Shim: Editable Generative Adversarial Networks (ACCV 2018), in appendix A of Paper 3"
PIECES = 10


class NetworkSettings(Strict):
    """Generator and discriminator."""

    width: int = Field(64, ge=4, description="channels of G's last map at full size")
    discriminator: int = Field(64, ge=4, description="channels of D's first convolution; a classifier has half")
    connection: int = Field(1024, ge=8, description="channels of the connection network")


class LatentSettings(Strict):
    """z ~ N(0, s^2): s falls to 1 in ten steps, so that G first meets latents as far out as CN may put an image's."""

    size: int = Field(64, ge=1)
    spread: float = Field(2.0, ge=1, description="s at first")
    narrow_from: int = Field(28_110, ge=0, description="step at which s begins to fall (epoch 10 of the paper's data)")
    narrow_over: int = Field(28_110, ge=PIECES, description="steps until s is 1")


class SlopeSettings(R1Settings):
    """10 times D's squared slope at images, which is R1, a half of it, with weight 20; 0 leaves the row out."""

    weight: float = Field(20.0, ge=0)
    every: int = Field(1, ge=1, description="steps between two evaluations; the weight is scaled up to match")


class EditableSettings(Strict):
    """Settings of both methods."""

    network: NetworkSettings = NetworkSettings()
    latent: LatentSettings = LatentSettings()
    penalty: SlopeSettings = SlopeSettings()


def generator_builder(settings: EditableSettings, shape: Shape, targets: int) -> Callable[[], nn.Module]:
    """A builder of G."""
    more: dict[str, Any] = {"width": settings.network.width, "latent": settings.latent.size, "targets": targets}
    return lambda: Generator(size=shape.size, channels=shape.channels, **more)


def connection_builder(
    settings: EditableSettings, shape: Shape, targets: int, widths: tuple[int, ...], told: int
) -> Callable[[], nn.Module]:
    """A builder of CN, which reads the features of networks of these widths and is told so many attributes."""
    maps = tuple(last_width(shape.size, width) for width in widths)
    outputs = settings.latent.size + targets
    return lambda: Connection(size=shape.size, maps=maps, told=told, width=settings.network.connection, outputs=outputs)


def drawn_taps(settings: LatentSettings, targets: Targets) -> tuple[Tap, ...]:
    """`y_given`, the data's attributes; `z_drawn`, and `drawn`: G's picture of both."""
    size, spread = settings.size, settings.spread
    start, over = settings.narrow_from, settings.narrow_over
    fall = [(start + over * i // PIECES, spread + (1.0 - spread) * i / PIECES) for i in range(1, PIECES + 1)]
    return (
        targets.given,
        Tap("z_drawn", noise=("normal", (size,)), scale=Piecewise(((0, spread), *fall))),
        Tap("drawn", ("z_drawn", "y_given"), network="generator"),
    )


def found_taps(size: int, targets: Targets, read: tuple[str, ...], again: tuple[str, ...]) -> tuple[Tap, ...]:
    """What CN finds, in images and in drawn pictures, and what G makes of the former.

    Args:
        size: length of z.
        targets: the attributes.
        read: what CN reads of images; `found` and `z` come from it.
        again: what it reads of drawn pictures; `z_again` and the logits `y_again` come from it.

    Returns:
        These, `y`, the attributes that `y_logits` says, and `output`: G's picture of z and the attributes given.
    """
    return (
        Tap("found", read, network="connection"),
        Tap("z", ("found",), function=Part(0, size)),
        Tap("found_again", again, network="connection"),
        Tap("z_again", ("found_again",), function=Part(0, size)),
        Tap("y_again", ("found_again",), function=Part(size, None)),
        Tap("y", ("y_logits",), function=Decided(targets.kind == "multiclass")),
        Tap("base", ("z", "y_given"), network="generator"),
        Tap("output", ("base",), function=identity),
    )


LATENT_ROW = row(Term("latent", l1, ("z_again", "z_drawn"), "L1(CN(G(z, y)), z)", "App. A"), connection=2.0)


@dataclass(frozen=True)
class Decided:
    """Logits (N, A) as the data would say them: 1 where a logit is above 0, or 1 at the largest alone."""

    one: bool

    def __call__(self, logits: Tensor) -> Tensor:
        """(N, A) -> (N, A) of 0 and 1."""
        if self.one:
            return torch.nn.functional.one_hot(logits.argmax(1), logits.shape[1]).to(logits)
        return (logits > 0).to(logits)


def method_of(
    name: str,
    settings: EditableSettings,
    targets: Targets,
    table: Table,
    taps: tuple[Tap, ...],
    networks: dict[str, Callable[[], nn.Module]],
    cuts: tuple[Cut, ...] = (),
    **more: Any,
) -> Method:
    """A method of this family: all networks step at once, and a person turns `y_given`."""
    phases = tuple(Phase(network, (network,)) for network in table.networks)
    return Method(
        plan=Plan(table, taps, (Stage("together", phases, simultaneous=True),), cuts),
        networks=networks,
        latent=Latent(settings.latent.size, prior="normal"),
        edit=Edit("y_given", targets.names, targets.kind, code="y"),
        **more,
    )


RELEASED: dict[str, Any] = {
    "size": 128,
    "batch": 64,
    "steps": 168_660,
    "optimiser.name": "rmsprop",
    "optimiser.lr": 1e-4,
    "optimiser.beta2": 0.99,
    "optimisers.classifier.name": "adam",
    "optimisers.classifier.beta1": 0.9,
    "optimisers.classifier.beta2": 0.999,
}
SMALL: dict[str, Any] = {
    "batch": 32,
    "optimiser.name": "adam",
    "optimiser.lr": 5e-4,
    "optimiser.beta1": 0.0,
    "optimisers.connection.lr": 1e-3,
    "optimisers.connection.beta1": 0.9,
    "latent.size": 32,
    "network.width": 16,
    "network.discriminator": 12,
    "network.connection": 128,
    "latent.narrow_from": 0,
    "latent.narrow_over": 100,
    "penalty.weight": 4.0,
    "penalty.every": 4,
}
"""On CelebA at 32 px D told nothing under weight 20 after 500 steps; under 1, and at twice the rate, it ran off."""
