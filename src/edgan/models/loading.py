"""Loading a trained model from its run folder."""

from __future__ import annotations

import warnings
from pathlib import Path

from edgan.data.crops import parse_crop
from edgan.errors import EdganError
from edgan.models.device import resolve_device
from edgan.models.directions import Directions
from edgan.models.model import Model
from edgan.models.stored_run import stored_configuration, stored_shape
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
    directions, trouble = None, None
    if method.edit is None:
        try:
            directions = Directions.load(folder.path, snapshot.step)
        except EdganError as error:  # only edits need them
            trouble = str(error)
    return Model(method, networks, shape, target, directions, trouble, parse_crop(configuration.crop))
