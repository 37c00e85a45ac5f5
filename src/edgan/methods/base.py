"""What a method page gives: networks, taps, table, phases, capabilities, defaults."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from pydantic import BaseModel, ConfigDict
from torch import nn

from edgan.routing import Plan, Route


class Strict(BaseModel):
    """Settings that do not change and know all their names."""

    model_config = ConfigDict(frozen=True, extra="forbid", validate_default=True)


@dataclass(frozen=True)
class Shape:
    """What a method's networks must know of the data.

    Attributes:
        size: side of the square images in pixels.
        channels: 1 or 3.
    """

    size: int
    channels: int


@dataclass(frozen=True)
class Latent:
    """The latent of a method.

    Attributes:
        size: its length.
        code: the tap that stands for an image: z, or the mean of its posterior.
        z: the tap that the decoder reads; equal to `code` where z is deterministic.
        prior: "normal" N(0, 1), "symmetric-uniform" U(-1, 1), or None where nothing was asked of z, so that the trained
            model cannot sample.
    """

    size: int
    code: str = "z"
    z: str = "z"
    prior: str | None = None


@dataclass(frozen=True)
class Method:
    """A method, bound to its settings and the data's shape.

    Attributes:
        name: what the command line calls it.
        plan: its table, taps, cuts and stages.
        networks: builders by column name; each call builds the network anew.
        latent: its latent.
        capabilities: the verbs that a trained model answers: "reconstruct", "encode", "sample", ...
        adversarial: the terms by which the generator's side of the game teaches; `decoupled` moves these.
    """

    name: str
    plan: Plan
    networks: Mapping[str, Callable[[], nn.Module]]
    latent: Latent
    capabilities: tuple[str, ...]
    adversarial: tuple[str, ...] = ("adversarial",)

    def build(self) -> dict[str, nn.Module]:
        """The networks, freshly initialised from torch's global random state, column by column."""
        return {name: self.networks[name]() for name in self.plan.table.networks}

    def with_routes(self, routes: Mapping[str, Route]) -> Method:
        """The method with cells of its table changed: {"TERM.NETWORK": route}."""
        table = self.plan.table
        for cell, route in routes.items():
            table = table.with_route(cell, route)
        return replace(self, plan=replace(self.plan, table=table))


@dataclass(frozen=True)
class Page:
    """A method as the registry holds it, before settings and shape are known.

    Attributes:
        name: what the command line calls it.
        summary: one line.
        paper: where it comes from.
        settings: the class of its settings.
        capabilities: the verbs that its trained models answer, some of them only with certain settings.
        presets: preset -> {dotted setting: value}; settings of the method and of the training alike.
        build: (settings, shape) -> Method.
    """

    name: str
    summary: str
    paper: str
    settings: type[Strict]
    capabilities: tuple[str, ...]
    presets: Mapping[str, Mapping[str, Any]]
    build: Callable[[Any, Shape], Method]
