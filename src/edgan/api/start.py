"""What a training starts with: its final configuration, its method, and the weights of the run that it starts from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from torch import nn

from edgan.api.freeze_d import frozen_layers
from edgan.api.origin_text import taken_text
from edgan.api.origins import Origin, taken_weights
from edgan.config import Configuration
from edgan.methods import Method, Shape, find
from edgan.methods.own_networks import with_networks
from edgan.models.weight_transfer import NOTHING, Transfer


@dataclass(frozen=True)
class Start:
    """What a training starts with.

    Attributes:
        configuration: of the training; with few images, layers of the discriminator may have become frozen.
        method: built from it.
        weights: what its networks start with.
        record: what run.json says of the other run; None where there is none.
        sentences: what a person should read.
    """

    configuration: Configuration
    method: Method
    weights: Transfer = NOTHING
    record: Mapping[str, Any] | None = None
    sentences: tuple[str, ...] = ()


def start_of(
    origin: Origin | None,
    configuration: Configuration,
    shape: Shape,
    frozen_given: bool,
    networks: Mapping[str, nn.Module] = MappingProxyType({}),
) -> Start:
    """What a training starts with.

    Args:
        origin: the run whose weights it takes, if any.
        configuration: of the training.
        shape: of its data.
        frozen_given: whether the call says what is frozen.
        networks: a person's own modules, by column; they keep their weights.

    Raises:
        UsageError: a setting or the data does not fit the method, or the other run does not fit it.
        EdganError: the other run has no whole checkpoint.
    """
    method = with_networks(configuration.build(shape), networks)
    if origin is None:
        return Start(configuration, method)
    weights = taken_weights(origin, configuration, method, shape).without(networks)
    record = origin.record(weights)
    generator = weights.networks.get("generator")
    if generator is not None and generator.taken and configuration.settings.get("generator_as_decoder"):
        # A generator that was taken would lose what it has learned.
        settings = {**configuration.settings, "generator_as_decoder": False}
        configuration = configuration.model_copy(update={"settings": settings})
        method = with_networks(configuration.build(shape), networks)
    page, other = find(configuration.method), origin.shape
    if origin.setting is not None and origin.setting == page.origin:  # such a method is nothing without that run
        return Start(configuration, method, weights, record)
    names = (other.attributes or other.classes, shape.attributes or shape.classes)
    sentences = [taken_text(record, *(((), ()) if origin.setting else names))]
    if not frozen_given and origin.setting is None:
        layers, sentence = frozen_layers(method, weights, shape.training_images)
        sentences += [sentence] if sentence else []
        if layers:
            configuration = configuration.model_copy(update={"frozen": layers})
            method = with_networks(configuration.build(shape), networks)
    return Start(configuration, method, weights, record, tuple(sentences))
