"""The judges of faces: a reader of attributes and a recogniser, trained once per seed and shared by its models."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import safetensors.torch
import torch
from torch import Tensor

from edgan.config import configure
from edgan.data import Dataset, from_uint8, open_dataset
from edgan.data.crops import SQUARE
from edgan.metrics import attributes_kept, recognition
from edgan.metrics.editing.attribute_reader import reader_network, reading, train_reader
from edgan.metrics.pairs.recogniser import embedding, recogniser_network, train_recogniser, view
from edgan.storage.durable import make_folder, write_bytes_atomic
from reproduction.framework.schema import Place, Unit


@dataclass(frozen=True)
class Judges:
    """Networks that judge pictures (N, C, H, W) in [-1, 1].

    Attributes:
        read: pictures -> scores of the attributes, (N, A).
        embed: pictures -> features by which a face is recognised, (N, D).
    """

    read: Callable[[Tensor], Tensor]
    embed: Callable[[Tensor], Tensor]


def judges_unit(*, seed: int, data: tuple[str, str], scale: Any, method: str) -> Unit:
    """A unit that trains the judges on the training split.

    Args:
        seed: of their weights, and of the trainings that they judge.
        data: the data set's name and its key.
        scale: size, attributes, and steps of the training.
        method: that they judge; the judges see pictures cropped as its preset crops them.
    """
    crop = configure(method, scale.training.get("preset")).crop
    options = {
        "data": list(data),
        "size": scale.training["size"],
        "attributes": list(scale.attributes),
        "steps": scale.reader_steps,
    }
    if crop != SQUARE.text:
        options["crop"] = crop
    return Unit(f"judges-{seed}", teach, options, seed=seed)


def teach(unit: Unit, place: Place) -> dict[str, float]:
    """Train both judges and store their weights.

    Returns:
        How well they judge real test images: "read", balanced accuracy, mean over attributes; "known", the share of
        images that are recognised in another view.
    """
    options = unit.options
    dataset = faces_of(unit, place)
    train, test = dataset.indices("train"), dataset.indices("test")
    assert dataset.attributes is not None
    images, settings = np.ascontiguousarray(dataset.images[train]), {"steps": options["steps"], "seed": unit.seed}
    reader = train_reader(images, dataset.attributes[train], **settings)
    place.tick()
    recogniser = train_recogniser(images, **settings)
    networks = {"reader": reader, "recogniser": recogniser}
    weights = {f"{name}/{key}": value for name, net in networks.items() for key, value in net.state_dict().items()}
    path = _path(place.folder, unit)
    make_folder(path.parent)
    write_bytes_atomic(path, safetensors.torch.save({name: value.contiguous() for name, value in weights.items()}))
    real, embed = pictures(dataset, test), embedding(recogniser)
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(unit.seed)
        again = embed(view(real))
    return {
        "read": attributes_kept(dataset.attributes[test] - 0.5, reading(reader)(real).double().numpy()),
        "known": recognition(again, embed(real)).known,
    }


def load_judges(unit: Unit, place: Place) -> Judges:
    """The judges that a unit trained."""
    weights = safetensors.torch.load_file(_path(place.folder, unit))
    channels = weights["reader/0.weight"].shape[1]
    networks = {
        "reader": reader_network(channels, len(unit.options["attributes"])),
        "recogniser": recogniser_network(channels),
    }
    for name, network in networks.items():
        mine = {key.partition("/")[2]: value for key, value in weights.items() if key.startswith(f"{name}/")}
        network.load_state_dict(mine)
        network.eval()
    return Judges(reading(networks["reader"]), embedding(networks["recogniser"]))


def faces_of(unit: Unit, place: Place) -> Dataset:
    """The data set in a unit's options, at its size and with its attributes."""
    options = unit.options
    crop = options.get("crop", SQUARE.text)
    return open_dataset(
        place.data[options["data"][0]], size=options["size"], attributes=options["attributes"], crop=crop
    )


def pictures(dataset: Dataset, where: np.ndarray) -> Tensor:
    """Images of a data set by index, (N, C, H, W) in [-1, 1]."""
    return from_uint8(torch.from_numpy(np.ascontiguousarray(dataset.images[where])))


def _path(folder: Path, unit: Unit) -> Path:
    return folder / "judges" / f"{unit.key}.safetensors"
