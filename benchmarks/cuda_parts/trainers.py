"""A trainer for any method of the registry, on rendered pictures, from another run where the method needs one."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch

import edgan
from benchmarks.cuda_parts.job import NotRunError, once
from benchmarks.cuda_parts.rendered import rendered
from edgan.api.origins import with_origin
from edgan.api.start import start_of
from edgan.config import Configuration, configure
from edgan.data import Dataset, open_dataset
from edgan.methods import PAGES, Shape
from edgan.storage.run_folder import RunFolder
from edgan.training.distributed import World
from edgan.training.loop import Trainer

VGG = "vgg-connection"
VGG_WEIGHTS = "vgg16-*.pth"
ORIGIN_STEPS = 8


@dataclass(frozen=True)
class Sized:
    """A method as it is tried here.

    Attributes:
        method: its name.
        preset: None is its default.
        side: of the pictures in pixels; None is the preset's own.
        batch: images a step; None is the preset's own.
        images: how many there are.
    """

    method: str
    preset: str | None = None
    side: int | None = None
    batch: int | None = None
    images: int = 160

    def configuration(self, device: torch.device, precision: str, settings: Mapping[str, Any]) -> Configuration:
        """What `edgan.train` would make of it."""
        return configure(
            self.method,
            self.preset,
            settings,
            size=self.side,
            batch=self.batch,
            device=str(device),
            precision=precision,
        )


def trainer(
    sized: Sized, device: torch.device, precision: str, scratch: Path, changes: Mapping[str, Any] | None = None
) -> Trainer:
    """A training before its first step. Equal calls give equal weights, samples and noise on every device.

    Args:
        sized: the method.
        device: where it trains.
        precision: "float32", "bfloat16" or "float64".
        scratch: for its pictures and for the run that it starts from.
        changes: dotted settings that differ.

    Raises:
        NotRunError: it needs weights that this machine does not have.
        EdganError: it cannot be built.
    """
    settings: dict[str, Any] = {}
    origin = None
    if (setting := PAGES[sized.method].origin) is not None:
        if sized.method == VGG:
            _refuse_without_vgg()
        settings, origin = with_origin(sized.method, {setting: _origin(sized, device, scratch)}, sized.side)
    configuration = sized.configuration(device, precision, {**settings, **(changes or {})})
    dataset = pictures(sized, configuration.size, scratch)
    shape = Shape.of(dataset)
    start = start_of(origin, configuration, shape, frozen_given=False)
    folder, world = RunFolder(scratch / "nothing-is-written"), World(0, 1, device)
    return Trainer(start.configuration, start.method, dataset, folder, world, start=start.weights)


def pictures(sized: Sized, side: int, scratch: Path) -> Dataset:
    """Rendered facades for what learns from pairs, faces for the rest, with attributes where the method reads them.

    The attributes are those that `edgan explain` imagines, as many as the paper has, with values drawn once: what they
    say of the pictures costs nothing and changes no time.
    """
    page = PAGES[sized.method]
    if "source" in page.needs:
        return open_dataset(rendered("facades", sized.images, side, scratch), size=side)
    dataset = open_dataset(rendered("faces", sized.images, side, scratch), size=side, attributes=[])
    names = tuple(page.example.get("attributes", ()))
    if not names:
        return dataset
    values = np.random.default_rng(0).random((len(dataset), len(names)), dtype=np.float32)
    values = np.where([name == "Age" for name in names], values, values.round()).astype(np.float32)
    return dataclasses.replace(dataset, attributes=values, attribute_names=names)


def _origin(sized: Sized, device: torch.device, scratch: Path) -> str:
    """A DCGAN of a few steps: the run that methods of inversion start from. Made once in a call."""
    side = sized.side or 64
    faces = rendered("faces", sized.images, side, scratch)

    def train(folder: Path) -> None:
        edgan.train(
            "dcgan",
            faces,
            folder,
            size=side,
            steps=ORIGIN_STEPS,
            preset=sized.preset,
            batch=sized.batch,
            set={"attributes": ()},
            device=str(device),
            report=False,
        )

    return str(once(scratch / "origins" / f"dcgan-{sized.preset}-{side}-{sized.batch}", train))


def _refuse_without_vgg() -> None:
    """Before anything tries to download them."""
    weights = Path(torch.hub.get_dir()) / "checkpoints"
    if not list(weights.glob(VGG_WEIGHTS)):
        raise NotRunError(f"VGG16's weights are not on this machine: torch's cache has no {VGG_WEIGHTS}.")
