"""A trained GAN as frozen columns of another method: what the inversion methods share.

A GAN's plan holds the path from its latent to an image and the path from an image to D's last features. An inversion
method copies these paths and connects them to networks of its own. It works on any method that samples and has a tap
"features".
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import torch
from pydantic import Field
from torch import Tensor, nn

from edgan.errors import UsageError
from edgan.methods.base import Latent, Method, Shape
from edgan.methods.common.gan import PriorSettings, sampled_latent
from edgan.methods.common.other_run import Origin, path
from edgan.methods.registry import find
from edgan.routing import Forward, Inputs, Phase, Plan, Row, Stage, Table, Tap
from edgan.routing.inspect import on_meta
from edgan.settings import Strict


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
        taps: "z_drawn" from the prior, "generated" from that, and "features" from "image".
        latent: its latent in the new method, which infers "z" from an image.
        networks: the columns on these paths.
    """

    method: Method
    taps: tuple[Tap, ...]
    latent: Latent
    networks: tuple[str, ...]

    def generate(self, z: str, output: str) -> tuple[Tap, ...]:
        """The taps from a latent to an image."""
        assert self.method.latent is not None
        return path(self.method.plan, "output", {self.method.latent.z: z}, output)

    def features(self, image: str, name: str) -> tuple[Tap, ...]:
        """The taps from an image to D's last features."""
        return path(self.method.plan, "features", {"image": image}, name)


def frozen_gan(settings: InversionSettings, shape: Shape) -> Frozen:
    """The GAN to invert. Without a run it is a DCGAN, so that `explain` can print the table.

    Raises:
        UsageError: the run cannot be inverted: it has no discriminator or does not sample.
    """
    origin = settings.gan or Origin(run="", method="dcgan", settings={})
    gan = find(origin.method).bind(origin.settings, shape)
    where = f"{origin.run} ({origin.method})" if origin.run else origin.method
    if gan.conditioning:
        raise UsageError(
            f"{where} cannot be inverted this way: it generates from a latent and {' and '.join(gan.conditioning)}. It "
            "infers both from an image itself."
        )
    if "features" not in gan.plan.tap or not gan.plan.networks_behind("features"):
        missing = "tap 'features' of D" if "discriminator" in gan.plan.table.networks else "discriminator"
        raise UsageError(
            f"{where} cannot be inverted: it has no {missing}. Choose the run of a GAN (dcgan, lsgan, dfm, rfgan, "
            "wgan-gp) or of an ED//GAN trained with a prior."
        )
    if gan.latent is None or gan.latent.prior is None:
        raise UsageError(f"{where} cannot be inverted: its latent has no prior to sample. Train it with a prior.")
    prior: Literal["normal", "uniform"] = "normal" if gan.latent.prior == "normal" else "uniform"
    _, drawn = sampled_latent(PriorSettings(size=gan.latent.size, prior=prior), "z_drawn")
    taps = (*drawn, *path(gan.plan, "output", {gan.latent.z: "z_drawn"}, "generated"))
    taps += path(gan.plan, "features", {}, "features")
    behind = gan.plan.networks_behind("features") | {
        tap.network for tap in path(gan.plan, "output", {gan.latent.z: "z"}, "output") if tap.network
    }
    networks = tuple(name for name in gan.plan.table.networks if name in behind)
    return Frozen(gan, taps, Latent(gan.latent.size, prior=gan.latent.prior), networks)


def feature_width(taps: tuple[Tap, ...], name: str, gan: Method, shape: Shape) -> int:
    """The size of D's features of one image.

    Args:
        taps: the path from "image" to the features.
        name: the tap of the features.
        gan: the method that has the networks on the path.
        shape: of the data.
    """
    plan = Plan(Table(gan.plan.table.networks), taps, ())
    image = torch.empty(1, shape.channels, shape.size, shape.size, device="meta")
    networks = on_meta({column: gan.networks[column]() for column in sorted(plan.networks_behind(name))})
    features: Tensor = Forward(plan, networks, Inputs({"image": image}, _no_noise))[name]
    return features[0].numel()


def _no_noise(name: str, *_: Any) -> Tensor:
    raise UsageError(f"The discriminator's features depend on the noise {name!r}, so this GAN cannot be inverted.")


def inverter(
    settings: InversionSettings,
    gan: Frozen,
    learner: tuple[str, Callable[[], nn.Module]],
    rows: tuple[Row, ...],
    taps: tuple[Tap, ...],
    frozen: Mapping[str, Callable[[], nn.Module]] | None = None,
) -> Method:
    """A method that trains one network while a GAN's networks stay frozen.

    Args:
        settings: the page's.
        gan: the GAN.
        learner: name and builder of the network that is trained.
        rows: its losses.
        taps: all but the GAN's; "z", from "image", among them.
        frozen: builders of frozen networks besides the GAN's, by column.
    """
    name, build = learner
    networks = {column: gan.method.networks[column] for column in gan.networks} | dict(frozen or {}) | {name: build}
    stage = Stage("inversion", (Phase("invert", (name,)),), simultaneous=False, frozen=settings.batch_norm)
    plan = Plan(Table(tuple(networks), rows), (*gan.taps, *taps, *gan.generate("z", "output")), (stage,))
    return Method(plan, networks, gan.latent, verbs_read=("features",))
