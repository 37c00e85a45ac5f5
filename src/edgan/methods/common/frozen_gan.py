"""What inversion methods share: a trained GAN's networks as frozen columns, and its paths with other ends.

A GAN's plan says how it gets from its latent to an image, and from an image to D's last features. An inversion method
takes these paths as they are, whatever lies on them, and joins them anew. So it works on any method that samples and
has a tap "features".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.gan import PriorSettings, latent_of
from edgan.methods.registry import find
from edgan.routing import Forward, Inputs, Phase, Plan, Row, Stage, Table, Tap
from edgan.routing.inspect import on_meta
from edgan.settings import Strict


class Origin(Strict):
    """The run whose networks a training starts from.

    Attributes:
        run: its folder.
        method, settings: how its networks are built; they travel with the new run, as the weights do.
    """

    run: str
    method: str
    settings: dict[str, Any] = Field({})


class InversionSettings(Strict):
    """Settings of every inversion method."""

    gan: Origin | None = Field(None, description="the run of the GAN to invert")
    batch_norm: Literal["running", "batch"] = Field(
        "running", description="statistics of the frozen networks' batch norm in training: running, as in use, or batch"
    )


@dataclass(frozen=True)
class Frozen:
    """A GAN to invert, as columns and paths of another method.

    Attributes:
        method: the GAN.
        taps: "z_drawn" from the prior, "generated", and the GAN's own way from "image" to "features".
        latent: its latent under the names of the new method: found in an image as "z".
        networks: the columns that these paths run through.
    """

    method: Method
    taps: tuple[Tap, ...]
    latent: Latent
    networks: tuple[str, ...]

    def draw(self, z: str, output: str) -> tuple[Tap, ...]:
        """The taps that draw an image from a latent."""
        assert self.method.latent is not None
        return path(self.method.plan, "output", {self.method.latent.z: z}, output)

    def look(self, image: str, features: str) -> tuple[Tap, ...]:
        """The taps from an image to D's last features of it."""
        return path(self.method.plan, "features", {"image": image}, features)


def frozen_gan(settings: InversionSettings, shape: Shape) -> Frozen:
    """The GAN that a run is to invert; without one, a DCGAN stands in, so that the table can be explained.

    Raises:
        UsageError: the run is no GAN: it has no discriminator, or draws no samples.
    """
    origin = settings.gan or Origin(run="", method="dcgan", settings={})
    gan = find(origin.method).bind(origin.settings, shape)
    where = origin.run or origin.method
    if gan.conditioning:
        raise UsageError(
            f"{where} cannot be inverted: a {origin.method} draws from a latent and {' and '.join(gan.conditioning)} "
            "together, and finds both in a picture by itself."
        )
    if "features" not in gan.plan.tap or not gan.plan.networks_behind("features"):
        lacking = "has no discriminator" if "discriminator" not in gan.plan.table.networks else "keeps no features of D"
        raise UsageError(
            f"{where} cannot be inverted: a {origin.method} {lacking} to recycle. Give the run of a GAN "
            "(dcgan, lsgan, dfm, rfgan, wgan-gp), or an ED//GAN trained with a prior."
        )
    if gan.latent is None or gan.latent.prior is None:
        raise UsageError(f"{where} cannot be inverted: its latent has no prior to draw from. Train it with one.")
    prior: Literal["normal", "uniform"] = "normal" if gan.latent.prior == "normal" else "uniform"
    _, drawn = latent_of(PriorSettings(size=gan.latent.size, prior=prior), "z_drawn")
    taps = (*drawn, *path(gan.plan, "output", {gan.latent.z: "z_drawn"}, "generated"))
    taps += path(gan.plan, "features", {}, "features")
    behind = gan.plan.networks_behind("features") | {
        tap.network for tap in path(gan.plan, "output", {gan.latent.z: "z"}, "output") if tap.network
    }
    networks = tuple(name for name in gan.plan.table.networks if name in behind)
    return Frozen(gan, taps, Latent(gan.latent.size, prior=gan.latent.prior), networks)


def path(plan: Plan, goal: str, starts: Mapping[str, str], name: str) -> tuple[Tap, ...]:
    """The taps by which a plan computes a goal, under other names and from other starts.

    Args:
        plan: where the path lies.
        goal: the tap that it ends in.
        starts: tap or batch field -> what takes its place; nothing behind it is taken along.
        name: what the goal is called at its new place. The taps before it keep their names, with "/NAME" behind.

    Returns:
        The taps, inputs first; batch fields keep their names.
    """
    found: dict[str, Tap] = {}

    def visit(old: str) -> str:
        if old in starts or old not in plan.tap:
            return starts.get(old, old)
        new = name if old == goal else f"{old}/{name}"
        if new not in found:
            inputs = tuple(visit(source) for source in plan.tap[old].inputs)
            found[new] = replace(plan.tap[old], name=new, inputs=inputs)
        return new

    visit(goal)
    return tuple(found.values())


def feature_width(taps: tuple[Tap, ...], name: str, gan: Method, shape: Shape) -> int:
    """How many numbers a tap of D's features of an image holds.

    Args:
        taps: the way there, from the batch's image.
        name: the tap.
        gan: the networks on the way.
        shape: of the data.
    """
    plan = Plan(Table(gan.plan.table.networks), taps, ())
    image = torch.empty(1, shape.channels, shape.size, shape.size, device="meta")
    networks = on_meta({column: gan.networks[column]() for column in sorted(plan.networks_behind(name))})
    features: Tensor = Forward(plan, networks, Inputs({"image": image}, _no_noise))[name]
    return features[0].numel()


def _no_noise(name: str, *_: Any) -> Tensor:
    raise UsageError(f"The features of an image depend on the noise {name!r}, so they cannot be inverted.")


def inverter(
    settings: InversionSettings,
    gan: Frozen,
    learner: str,
    build: Callable[[], nn.Module],
    rows: tuple[Row, ...],
    taps: tuple[Tap, ...],
    beside: Mapping[str, Callable[[], nn.Module]] | None = None,
) -> Method:
    """A method that learns one network beside a frozen GAN.

    Args:
        settings: what the page was given.
        gan: the GAN.
        learner: the column that learns; it gives the tap "z" from an image.
        build: its builder.
        rows: what it learns from.
        taps: all but the GAN's; "z" among them.
        beside: builders of networks that stay as they are, beside the GAN's.
    """
    networks = {column: gan.method.networks[column] for column in gan.networks} | dict(beside or {})
    columns = (*networks, learner)
    stage = Stage("inversion", (Phase("invert", (learner,)),), simultaneous=False, frozen=settings.batch_norm)
    return Method(
        plan=Plan(Table(columns, rows), (*gan.taps, *taps, *gan.draw("z", "output")), (stage,)),
        networks={**networks, learner: build},
        latent=gan.latent,
        verbs_read=("features",),
    )
