"""The settings of a // twin beyond those of its coupled method."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Literal

import torch
from pydantic import Field, create_model
from torch import nn

from edgan.errors import UsageError
from edgan.methods.base import Method
from edgan.methods.generator_training import GeneratorTraining
from edgan.methods.page import Page, Preset
from edgan.nets.blocks import ResizeConv2d
from edgan.settings import Strict


class GeneratorSettings(Strict):
    """Where the generator differs from the network that it is a clone of."""

    norm: Literal["batch", "instance", "group", "none"] | None = Field(None, description="the decoder's unless set")
    activation: Literal["relu", "leaky"] | None = Field(None, description="the decoder's unless set")
    init: Literal["dcgan", "he", "torch"] | None = Field(None, description="the decoder's unless set")
    output_gain: float = Field(1.0, ge=0, description="scale of its initial output layer; 0 starts from the base")


class TwinOptions(GeneratorTraining):
    """Settings of every twin."""

    generator: GeneratorSettings = GeneratorSettings()
    generator_steps: int = Field(1, ge=1, description="steps of the generator for each step of D")


def twin_settings(coupled: type[Strict]) -> type[TwinOptions]:
    """The class of the twin's settings: the coupled method's, and `TwinOptions`."""
    if issubclass(coupled, TwinOptions):
        return coupled
    if coupled not in _MADE:
        _MADE[coupled] = _made(coupled)
    return _MADE[coupled]


_MADE: dict[type[Strict], type[TwinOptions]] = {}
"""One class for each coupled method's: settings made twice are of one class."""


def _made(coupled: type[Strict]) -> type[TwinOptions]:
    bases: Any = (TwinOptions, coupled)
    return create_model(f"Twin{coupled.__name__}", __base__=bases, __doc__=coupled.__doc__)


def twin_presets(page: Page[Any]) -> dict[str, Preset[Any]]:
    """The presets of the twin of a page: its own, and the coupled method's where it has none of that name."""
    settings = twin_settings(page.twin_settings or page.settings)
    written = {name: preset.settings.model_dump(exclude_unset=True) for name, preset in page.presets.items()}
    taken = {name: Preset(page.presets[name].training, settings.model_validate(w)) for name, w in written.items()}
    return {**taken, **page.twin_presets}


def generator_builder(method: Method, settings: GeneratorSettings) -> Callable[[], nn.Module] | None:
    """The builder of the twin's generator; None: built as the network that draws the base.

    Raises:
        UsageError: an option that this generator does not have.
    """
    own = {name: value for name, value in settings.model_dump(exclude={"output_gain"}).items() if value is not None}
    base = method.plan.tap.get("base")
    if base is None or base.network is None or (not own and settings.output_gain == 1.0):
        return None
    build, drawer = method.drawer, method.networks[base.network]
    if own and build is None:
        raise UsageError(
            f"cannot be set: the generator of {method.name}// is a copy of its {base.network}, which does not have it.",
            parameter=f"generator.{next(iter(own))}",
        )

    def scaled() -> nn.Module:
        network = build(**own) if build is not None else drawer()
        return _with_output_gain(network, settings.output_gain)

    return scaled


@torch.no_grad()
def _with_output_gain(network: nn.Module, gain: float) -> nn.Module:
    """The network with the weights and biases of its last layer scaled, in place."""
    if gain == 1.0:
        return network
    layers = [m for m in network.modules() if isinstance(m, nn.Conv2d | nn.ConvTranspose2d | nn.Linear | ResizeConv2d)]
    for parameter in layers[-1].parameters():
        parameter.mul_(gain)
    return network


def options_of(settings: Mapping[str, Any] | Strict) -> TwinOptions:
    """The twin's options among its settings."""
    values = settings if isinstance(settings, Mapping) else {n: getattr(settings, n) for n in TwinOptions.model_fields}
    return TwinOptions.model_validate({name: values[name] for name in TwinOptions.model_fields if name in values})
