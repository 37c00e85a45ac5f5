"""Loading a trained model from its run folder."""

from __future__ import annotations

import threading
import warnings
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

import torch
from torch import Tensor, nn

from edgan.data.crops import parse_crop
from edgan.errors import EdganError
from edgan.methods import Method, find
from edgan.methods.own_networks import with_networks
from edgan.methods.registry import OWN
from edgan.models.device import resolve_device
from edgan.models.directions import Directions
from edgan.models.model import Model
from edgan.models.stored_run import check_own_networks, stored_configuration, stored_shape
from edgan.models.used_checkpoint import UsedCheckpoint
from edgan.nets.caller_state import seeded
from edgan.storage.chosen_checkpoint import BEST, chosen_checkpoint
from edgan.storage.run_folder import RunFolder
from edgan.storage.weights import load_networks

LARGER, SMALL = 4, 2**20
"""A network may have this many times the numbers that were saved, and so many more: the weights are compared later."""
_BUILDING = threading.Lock()
"""Held while networks are built: two threads that put torch's random state back in turn would leave another one."""


def load(
    run: str | Path,
    device: str = "auto",
    checkpoint: str | int = BEST,
    networks: Mapping[str, nn.Module] = MappingProxyType({}),
) -> Model:
    """Load a trained model: the weights that inference uses, from one of its run's checkpoints.

    These are the averaged weights of a training with an average. Damaged checkpoints that are passed over give a
    UserWarning. `model.checkpoint` says which one was read.

    Args:
        run: the run's folder, "zoo:NAME" for a model that ships with the package, or "hub:USER/NAME" for one on the
            Hugging Face Hub.
        device: "auto", "cpu", "cuda", ...
        checkpoint: "best": the one that held-out images judged best, or the newest where none was judged. "newest". Or
            a step.
        networks: for a run that was trained on your own modules (`train(..., networks=...)`): modules of the same
            classes by the same names. The run holds their weights, not their code.

    Raises:
        UsageError: the run keeps no checkpoint of that step, or its own modules are not the ones given.
        EdganError: it is not a run, or has no intact checkpoint.
    """
    target = None if device == "auto" else resolve_device(device)
    folder = RunFolder.open(run)
    contents = folder.read_run()
    configuration = stored_configuration(contents, folder)
    weights = "ema" if configuration.ema else "networks"
    chosen = chosen_checkpoint(folder.checkpoints, checkpoint, (weights,))
    if chosen is None:
        raise EdganError(f"{folder.path} holds no checkpoint yet: its training has not saved one.")
    snapshot, best, reports = chosen
    for report in reports:
        warnings.warn(report, stacklevel=2)
    shape = stored_shape(contents, configuration)
    check_own_networks(contents, networks, folder)
    method = with_networks(configuration.build(shape), networks)
    if not networks and find(configuration.method).module.startswith(OWN):
        _refuse_larger(method, snapshot.tensors[weights], folder)
    target = target or resolve_device(configuration.device)
    with _BUILDING, seeded(0):  # the weights are replaced at once; the caller's random numbers must not move
        networks = {name: method.networks[name]().to(target) for name in method.inference}
    load_networks(networks, snapshot.tensors[weights])
    directions, trouble = None, None
    if method.edit is None:
        try:
            directions = Directions.load(folder.path, snapshot.step)
        except EdganError as error:  # only edits need them
            trouble = str(error)
    used = UsedCheckpoint.of(snapshot, best)
    maps = bool(contents["data"].get("source_maps"))
    return Model(method, networks, shape, target, directions, trouble, parse_crop(configuration.crop), used, maps)


def _refuse_larger(method: Method, saved: Mapping[str, Tensor], folder: RunFolder) -> None:
    """Refuse settings that ask for far larger networks than were saved, before any memory is taken for them.

    Raises:
        EdganError: names the network.
    """
    with torch.device("meta"):
        networks = {name: method.networks[name]() for name in method.inference}
    for name, network in networks.items():
        needed = sum(tensor.numel() for tensor in network.state_dict().values())
        held = sum(tensor.numel() for key, tensor in saved.items() if key.startswith(f"{name}/"))
        if needed > LARGER * held + SMALL:
            raise EdganError(
                f"{folder.run_json} describes a network {name!r} of {needed:,} numbers, and the checkpoint holds "
                f"{held:,}. They are not of one run."
            )
