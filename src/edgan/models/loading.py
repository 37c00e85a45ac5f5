"""Loading a trained model from its run folder."""

from __future__ import annotations

import warnings
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from edgan._version import __version__
from edgan.config import Configuration
from edgan.errors import EdganError
from edgan.methods import Shape
from edgan.models.device import resolve_device
from edgan.models.directions import Directions
from edgan.models.model import Model
from edgan.nets.caller_state import seeded
from edgan.storage import checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.storage.weights import load_networks


def load(run: str | Path, device: str = "auto") -> Model:
    """Load a trained model: the weights that inference uses, from the newest checkpoint in which they are intact.

    These are the averaged weights of a training with an average. Damaged newer checkpoints give a UserWarning.

    Args:
        run: the run's folder.
        device: "auto", "cpu", "cuda", ...

    Raises:
        EdganError: it is not a run, or has no intact checkpoint.
    """
    target = None if device == "auto" else resolve_device(device)
    folder = RunFolder.open(run)
    contents = folder.read_run()
    configuration = stored_configuration(contents, folder)
    weights = "ema" if configuration.ema else "networks"
    newest = checkpoint.newest(folder.checkpoints, (weights,))
    if newest is None:
        raise EdganError(f"{folder.path} holds no checkpoint yet: its training has not saved one.")
    snapshot, reports = newest
    for report in reports:
        warnings.warn(report, stacklevel=2)
    shape = stored_shape(contents, configuration)
    method = configuration.build(shape)
    target = target or resolve_device(configuration.device)
    with seeded(0):  # The weights are replaced at once; drawing them must not move the caller's random numbers.
        networks = {name: method.networks[name]().to(target) for name in method.inference}
    load_networks(networks, snapshot.tensors[weights])
    return Model(method, networks, shape, target, Directions.load(folder.path))


def stored_configuration(contents: Mapping[str, Any], folder: RunFolder) -> Configuration:
    """The configuration that a run.json holds.

    Raises:
        EdganError: this version cannot read it.
    """
    if not all(isinstance(contents.get(section), dict) for section in ("configuration", "data")):
        raise EdganError(f"{folder.run_json} is damaged: it does not say what the run was trained with.")
    try:
        return Configuration.model_validate(contents["configuration"])
    except ValidationError as error:
        first = error.errors()[0]
        raise EdganError(
            f"{folder.run_json} is not a configuration that this edgan {__version__} reads: "
            f"{'.'.join(map(str, first['loc']))}: {first['msg'].lower()}. Use the version that it was trained with."
        ) from None


def stored_shape(contents: Mapping[str, Any], configuration: Configuration) -> Shape:
    """The shape of the data that a run was trained on, from its run.json."""
    data = contents["data"]
    return Shape(
        configuration.size,
        int(data["channels"]),
        int(data.get("source_channels", 0)),
        tuple(data.get("attributes", ())),
        tuple(data.get("classes", ())),
        configuration.source_classes,
        tuple(data.get("frequencies", ())),
        int(data.get("training_images", 0)),
    )
