"""Runs that start from another run's networks: by `start_from`, or by a setting of a method that needs one.

The new run holds everything: how the networks are built goes into its configuration, their weights into its
checkpoints. The other run is read once and is not needed afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from edgan.config import Configuration, dotted_names, dotted_settings
from edgan.errors import EdganError, UsageError
from edgan.methods import Method, Page, Shape, find
from edgan.methods.common.encoder_decoder import column_of
from edgan.models.stored_run import stored_configuration, stored_shape
from edgan.models.weight_transfer import Attributes, Transfer, transfer
from edgan.nets.caller_state import seeded
from edgan.storage.chosen_checkpoint import chosen_checkpoint
from edgan.storage.run_folder import RunFolder

PAIR, GAME = ("encoder", "decoder"), ("generator", "discriminator")
SEEN_BY_D = ("discriminator.augment", "discriminator.augment_colour")
"""Settings of a discriminator that do not belong to the network: they follow the new data, not the other run."""


@dataclass(frozen=True)
class Origin:
    """A run that a training starts from.

    Attributes:
        run: its folder or zoo name, as it was given.
        folder, contents, configuration, shape: the run, its run.json, what that says of its training and of its data.
        setting: the method's setting that names it, where the method builds the other run's networks as its own
            columns; None where both have the same networks.
    """

    run: str
    folder: RunFolder
    contents: Mapping[str, Any]
    configuration: Configuration
    shape: Shape
    setting: str | None = None

    @cached_property
    def saved(self) -> tuple[int, dict[str, Tensor]]:
        """A step, and the networks' weights as "network/name"; averaged ones where the run has them.

        They are those of its best checkpoint, which its verbs use too, or of the newest where none was judged.

        Raises:
            EdganError: there is no whole checkpoint.
        """
        chosen = chosen_checkpoint(self.folder.checkpoints, groups=("networks", "ema"))
        if chosen is None:
            raise EdganError(f"{self.run} holds no checkpoint yet.")
        averaged = chosen[0].tensors["ema"] if self.configuration.ema else {}
        return chosen[0].step, {**chosen[0].tensors["networks"], **averaged}

    @property
    def networks(self) -> frozenset[str]:
        """The networks that it holds."""
        return frozenset(name.partition("/")[0] for name in self.saved[1])

    def record(self, taken: Transfer) -> dict[str, Any]:
        """What run.json says of it; what it started from itself is "started_from" in there."""
        return {
            "run": self.run,
            "method": self.configuration.method,
            "step": self.saved[0],
            "setting": self.setting,
            "networks": {name: network.to_dict() for name, network in taken.networks.items()},
            "started_from": self.contents.get("started_from"),
        }


def origin_at(run: str | Path, setting: str | None = None) -> Origin:
    """The run at a path or of a zoo name.

    Raises:
        UsageError: the zoo has no such model.
        EdganError: it is not a run, or it is damaged.
    """
    folder = RunFolder.open(run)
    contents = folder.read_run()
    configuration = stored_configuration(contents, folder)
    return Origin(str(run), folder, contents, configuration, stored_shape(contents, configuration), setting)


def with_origin(
    method: str, settings: Mapping[str, Any], size: int | None, start_from: str | Path | None = None
) -> tuple[dict[str, Any], Origin | None]:
    """The settings of a training, completed by those of the run that it starts from; and that run.

    Args:
        method: a name from the registry.
        settings: dotted settings; where the method takes over another run's networks, one of them may name that run.
        size: the side of the images, where the call gives it; otherwise it becomes that run's. So does the crop where
            a setting names the run, unless the settings give one.
        start_from: the run that it starts from, where it is not one of the settings.

    Raises:
        UsageError: two runs are named.
        EdganError: it is not a run.
    """
    page, given = find(method), dict(settings)
    named = [name for name in page.takes_over if isinstance(given.get(name), str | Path)]
    if named and start_from is not None:
        raise UsageError(f"names a second run: {named[0]} names one already.", parameter="start_from")
    if start_from is not None:
        origin = origin_at(start_from)
        origin = replace(origin, setting=_setting_for(page, origin))
    elif named:
        origin = origin_at(given[named[0]], named[0])
    else:
        return given, None
    if origin.setting is None:
        given = {**_architecture(page, origin), **given}
    else:
        given.setdefault("crop", origin.configuration.crop)  # its networks know pictures that were cropped so
        given[origin.setting] = _as_setting(page, origin)
    return (given if size is not None else {"size": origin.configuration.size, **given}), origin


def origin_of(configuration: Configuration) -> Origin | None:
    """The run that a configuration names; None where its method starts from nothing.

    Raises:
        UsageError: the method needs a run, and none is named.
    """
    page = find(configuration.method)
    if page.origin is None:
        return None
    origin = configuration.settings.get(page.origin)
    if origin is None:
        raise UsageError(
            f"must give {page.origin}=RUN: {configuration.method} starts from the networks of another run.",
            parameter="set",
        )
    return origin_at(origin["run"], page.origin)


def taken_weights(origin: Origin, configuration: Configuration, method: Method, shape: Shape) -> Transfer:
    """The weights that a training takes from another run.

    Args:
        origin: the other run.
        configuration: the new training's.
        method: built from it for the data.
        shape: of the data.

    Raises:
        UsageError: the other run's images are of another kind, or none of its weights fits.
        EdganError: the other run has no whole checkpoint, or its networks are not those that this edgan builds.
    """
    other = origin.shape
    if other.channels != shape.channels or (origin.setting is not None and other.size != shape.size):
        raise UsageError(
            f"{origin.run} draws images of {other.size} px with {_channels(other)}, and this data has {shape.size} px "
            f"with {_channels(shape)}. Give data of the same kind"
            + (f", with size {other.size}." if origin.setting else ".")
        )
    tensors = origin.saved[1]
    if origin.setting is not None:
        tensors = _of_columns(origin, method)
    taken = transfer(tensors, method, _attributes(other, configuration, shape))
    if origin.setting is not None:
        for name, network in taken.networks.items():
            if network.held and network.new_layers:
                raise EdganError(
                    f"The saved weights of {origin.run} do not fit the network {name!r} that this edgan builds for it "
                    f"({network.new_layers[0]}). Use the version of edgan that it was trained with."
                )
    if not any(network.taken for network in taken.networks.values()):
        raise UsageError(
            f"cannot be {origin.run}: {configuration.method} has no layer of the same name and shape as a layer of "
            f"this {origin.configuration.method}. Choose a run of the same method, or start from nothing.",
            parameter="start_from",
        )
    return taken


def _of_columns(origin: Origin, method: Method) -> dict[str, Tensor]:
    """The weights of another run for the columns that its networks fill, where they are not the method's own."""
    table, tensors = method.plan.table, origin.saved[1]
    if origin.setting != find(method.name).encoder_decoder:
        frozen = [name for name in table.networks if not table.column(name)]  # its networks are those that stay
        return {name: value for name, value in tensors.items() if name.partition("/")[0] in frozen}
    theirs = origin.contents["table"]["networks"]
    parts = ((*name.partition("/"), value) for name, value in tensors.items())
    taken = {f"{column_of(network, theirs)}/{key}": value for network, _, key, value in parts}
    return {name: value for name, value in taken.items() if name.partition("/")[0] not in GAME}


def _setting_for(page: Page[Any], origin: Origin) -> str | None:
    """The setting by which a method takes over a run; None where the two have the same networks."""
    if page.origin is not None and find(origin.configuration.method).origin != page.origin:
        return page.origin
    same = origin.configuration.method == page.name
    if page.encoder_decoder is not None and not same and _is_another_encoder_decoder(page, origin):
        return page.encoder_decoder
    return None


def _is_another_encoder_decoder(page: Page[Any], origin: Origin) -> bool:
    """Whether the other run has an encoder-decoder of other classes than the method's own."""
    other = origin.configuration.build(origin.shape)
    own = page.bind(page.presets[page.default_preset].settings, origin.shape).networks
    if not set(PAIR) <= other.networks.keys():
        return "encode" in other.capabilities and "translate" not in other.capabilities
    with seeded(0), torch.device("meta"):
        return any(type(other.networks[name]()) is not type(own[name]()) for name in PAIR)


def _as_setting(page: Page[Any], origin: Origin) -> dict[str, Any]:
    """The other run as the value of a setting: how its networks are built."""
    old = origin.configuration
    value = {"run": origin.run, "method": old.method, "settings": old.settings}
    if origin.setting == page.encoder_decoder:
        value |= {"attributes": origin.shape.attributes, "classes": origin.shape.classes}
    return value


def _architecture(page: Page[Any], origin: Origin) -> dict[str, Any]:
    """The settings of the other run that say how its networks are built, where the page has them too."""
    other = find(origin.configuration.method)
    names, fields = set(dotted_names(page.settings)), page.settings.model_fields
    columns = set(origin.contents["table"]["networks"])
    lacking = columns - origin.networks  # their settings need not be the other run's

    def is_of_networks(name: str) -> bool:
        group = name.partition(".")[0]
        theirs = other.settings.model_fields.get(group)
        same = theirs is not None and group in fields and fields[group].annotation == theirs.annotation
        chosen = group in page.architecture or name in page.architecture
        return same and chosen and name in names and name not in SEEN_BY_D and group not in lacking

    return {name: value for name, value in dotted_settings(origin.configuration).items() if is_of_networks(name)}


def _attributes(old: Shape, configuration: Configuration, new: Shape) -> Attributes | None:
    """How two data sets differ in attributes, or in classes; None where they have the same ones in the same order."""
    before, after = old.attributes or old.classes, new.attributes or new.classes
    if before == after or not after:
        return None
    names = (*after, f"another than {', '.join(after)}")
    more = replace(new, attributes=names) if new.attributes else replace(new, classes=names)
    return Attributes(before, after, configuration.build(replace(more, frequencies=())))


def _channels(shape: Shape) -> str:
    return "1 channel" if shape.channels == 1 else f"{shape.channels} channels"
