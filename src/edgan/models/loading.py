"""From a run folder to a trained model."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import torch
from pydantic import ValidationError

from edgan._version import __version__
from edgan.config import Configuration, dotted_names
from edgan.errors import EdganError, UsageError, near_miss
from edgan.methods import Shape, find
from edgan.models.directions import Directions
from edgan.models.model import Model
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.storage.weights import load_networks

DEVICES = ("cpu", "cuda", "mps", "xpu")


def load(run: str | Path, device: str = "auto") -> Model:
    """A trained model from its run folder: averaged weights, newest checkpoint in which they are whole.

    A newer checkpoint where they are damaged is told as a UserWarning.

    Args:
        run: the folder.
        device: "auto", "cpu", "cuda", ...

    Raises:
        EdganError: it is not a run, or holds no whole checkpoint.
    """
    folder = RunFolder.open(run)
    contents = folder.read_run()
    configuration = stored_configuration(contents, folder)
    weights = "ema" if configuration.ema else "networks"
    found = checkpoint.newest(folder.checkpoints, (weights,))
    if found is None:
        raise EdganError(f"{folder.path} holds no checkpoint yet: its training has not saved one.")
    for report in found[1]:
        warnings.warn(report, stacklevel=2)
    shape = stored_shape(contents, configuration)
    method = configuration.build(shape)
    target = resolve_device(configuration.device if device == "auto" else device)
    networks = {name: method.networks[name]().to(target) for name in method.inference}
    load_networks(networks, found[0].tensors[weights])
    return Model(method, networks, shape, target, Directions.load(folder.path))


def resolve_device(name: str) -> torch.device:
    """The device that a name stands for; "auto" is a GPU where there is one.

    Raises:
        UsageError: there is no such device here.
    """
    if name == "auto":
        return torch.device("cuda" if torch.cuda.is_available() else "cpu")
    kind = name.partition(":")[0]
    if kind not in DEVICES:
        raise UsageError(f"There is no device {name!r}. {near_miss(kind, (*DEVICES, 'auto'))}")
    try:
        device = torch.device(name)
        torch.empty(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0].rstrip(".")
        raise UsageError(f"The device {name!r} cannot be used here: {reason}. Use --device cpu, or auto.") from None
    return device


def stored_configuration(contents: Mapping[str, Any], folder: RunFolder) -> Configuration:
    """The configuration that a run.json holds.

    Raises:
        EdganError: this version cannot read it.
    """
    if not all(isinstance(contents.get(part), dict) for part in ("configuration", "data")):
        raise EdganError(f"{folder.run_json} is damaged: it does not say what the run was trained with.")
    try:
        return Configuration.model_validate(contents["configuration"])
    except ValidationError as error:
        first = error.errors()[0]
        raise EdganError(
            f"{folder.run_json} is not a configuration that this edgan {__version__} reads: "
            f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}. Use the version that it was begun with."
        ) from None


def stored_shape(contents: Mapping[str, Any], configuration: Configuration) -> Shape:
    """The shape of the data that a run.json says it was trained on."""
    data = contents["data"]
    return Shape(
        configuration.size,
        int(data["channels"]),
        int(data.get("source_channels", 0)),
        tuple(data.get("attributes", ())),
        tuple(data.get("classes", ())),
        configuration.source_classes,
        tuple(data.get("frequencies", ())),
    )


def flatten(configuration: Configuration) -> dict[str, Any]:
    """A configuration as dotted settings, as `configure` takes them; method, preset and routes are left out."""
    values = configuration.model_dump(mode="json", exclude={"method", "preset", "routes", "settings"})
    flat: dict[str, Any] = {}
    whole = set(dotted_names(find(configuration.method).settings))

    def visit(prefix: str, value: Any) -> None:
        if isinstance(value, dict) and prefix not in whole:
            for key, inner in value.items():
                visit(f"{prefix}.{key}" if prefix else key, inner)
        else:
            flat[prefix] = value

    visit("", {**values, **configuration.settings})
    return flat
