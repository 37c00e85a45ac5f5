"""Runs that start from another run's networks, which a setting names.

The new run holds everything: how the networks are built goes into its configuration, their weights into its
checkpoints. The other run is read once and is not needed afterwards.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from torch import Tensor

from edgan.errors import EdganError, UsageError
from edgan.methods import Method, Shape, find
from edgan.models.stored_run import stored_configuration, stored_shape
from edgan.storage.chosen_checkpoint import chosen_checkpoint
from edgan.storage.run_folder import RunFolder


def with_origin(method: str, settings: Mapping[str, Any], size: int | None) -> dict[str, Any]:
    """The settings, where a run that one of them names is replaced by the method and settings of that run.

    The crop becomes that run's too, unless it is given: its networks know pictures that were cropped so.

    Args:
        method: a name from the registry.
        settings: dotted settings; where the method starts from another run, one of them is that run's folder. The size
            becomes that run's, unless it is given.
        size: the side of the images, where the call gives it.

    Raises:
        EdganError: it is not a run.
    """
    page, resolved = find(method), dict(settings)
    given = resolved.get(page.origin) if page.origin else None
    if page.origin is None or given is None or isinstance(given, Mapping):
        return resolved
    folder = RunFolder.open(given)
    configuration = stored_configuration(folder.read_run(), folder)
    resolved[page.origin] = {"run": str(given), "method": configuration.method, "settings": configuration.settings}
    resolved = {"crop": configuration.crop, **resolved}
    return resolved if size is not None else {"size": configuration.size, **resolved}


def origin_of(method: str, settings: Mapping[str, Any]) -> str | None:
    """The run that a training starts from; None where its method starts from nothing.

    Raises:
        UsageError: the method needs a run, and none is named.
    """
    page = find(method)
    if page.origin is None:
        return None
    origin = settings.get(page.origin)
    if origin is None:
        raise UsageError(
            f"must give {page.origin}=RUN: {method} starts from the networks of another run.", parameter="set"
        )
    return str(origin["run"])


def starting_weights(run: str, method: Method, shape: Shape) -> dict[str, Tensor]:
    """The weights of another run's networks that a method has too, as "network/name"; averaged if the run has averages.

    They are those of its best checkpoint, which its verbs use too, or of the newest where none was judged.

    Args:
        run: the other run's folder.
        method: the new training's, already bound to the data.
        shape: of the new training's data.

    Raises:
        UsageError: the other run's images are of another size or number of channels.
        EdganError: there is no whole checkpoint.
    """
    folder = RunFolder.open(run)
    contents = folder.read_run()
    configuration = stored_configuration(contents, folder)
    other = stored_shape(contents, configuration)
    if (other.size, other.channels) != (shape.size, shape.channels):
        raise UsageError(
            f"{run} draws images of {other.size} px with {_channels(other)}, and this data has {shape.size} px with "
            f"{_channels(shape)}. Give data of the same kind, with size {other.size}."
        )
    saved = chosen_checkpoint(folder.checkpoints, groups=("networks", "ema"))
    if saved is None:
        raise EdganError(f"{run} holds no checkpoint yet.")
    tensors = {**saved[0].tensors["networks"], **(saved[0].tensors["ema"] if configuration.ema else {})}
    return {name: value for name, value in tensors.items() if name.partition("/")[0] in method.networks}


def _channels(shape: Shape) -> str:
    return "1 channel" if shape.channels == 1 else f"{shape.channels} channels"
