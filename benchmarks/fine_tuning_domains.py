"""The two domains of the fine-tuning benchmark: rendered faces of another look, and photographs.

Both are used in the same way. A person's 300 pictures with their attributes are a folder. Held-out pictures judge, and
a classifier that learned from further pictures answers what an edit did.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from benchmarks.cuda_parts.job import once
from benchmarks.cuda_parts.unpack import unpack
from benchmarks.edit_response import balanced_accuracy
from edgan.data import Dataset, from_uint8, open_dataset
from edgan.errors import UsageError
from edgan.metrics.editing.attribute_reader import Reader, reader_network, reading, train_reader
from edgan.models.pixels import from_pixels
from edgan.synthetic import write_folder

ATTRIBUTES = ("Eyeglasses", "Smiling", "Blond_Hair", "Male", "Bangs", "Black_Hair", "Young", "Mustache")
"""Those that `zoo:faces` edits. CelebA has them under the same names."""
SIDE = 64
NEAR, FAR = "near", "far"
Pictures = tuple[np.ndarray, np.ndarray]
"""Images (N, H, W, C) uint8 and attributes (N, A)."""


@dataclass(frozen=True)
class Sizes:
    """How much there is of a domain.

    Attributes:
        pictures: a person's own, split as any folder is.
        held_out: those that judge.
        drawn, photographs: those from which the classifier learns, at most: of the near domain, and of the far one.
        reader_steps: its training steps. On CelebA 800 steps with 4,000 photographs recognise glasses less well.
    """

    pictures: int = 300
    held_out: int = 400
    drawn: int = 4000
    photographs: int = 8000
    reader_steps: int = 2000


@dataclass(frozen=True)
class Domain:
    """What `prepare` wrote into a folder."""

    folder: Path

    @property
    def pictures(self) -> Path:
        """The folder of the person's pictures, with metadata.csv."""
        return self.folder / "pictures"

    def held_out(self) -> tuple[Tensor, np.ndarray]:
        """Images (N, 3, 64, 64) in [-1, 1], and their attributes (N, A)."""
        with np.load(self.folder / "judge" / "held-out.npz") as kept:
            return from_uint8(torch.from_numpy(kept["images"])), kept["attributes"]

    def reader(self) -> Reader:
        """The classifier."""
        network = reader_network(3, len(ATTRIBUTES))
        network.load_state_dict(torch.load(self.folder / "judge" / "reader.pt", weights_only=True))
        return reading(network.eval())

    def reader_accuracy(self) -> dict[str, float]:
        """Balanced accuracy of the classifier on the held-out pictures, by attribute."""
        return dict(zip(ATTRIBUTES, balanced_accuracy(self.reader(), *self.held_out()), strict=True))


def prepare(name: str, work: Path, data: Path | None, sizes: Sizes) -> Domain:
    """Make a domain's pictures and its classifier, unless they are there.

    Args:
        name: "near" or "far".
        work: for the domain's folder.
        data: the far domain's photographs: a folder, or a pack of `python -m benchmarks.on_cuda pack`, with the eight
            attributes and at least as many pictures in each split as `sizes` takes from it.
        sizes: how much there is of it.

    Raises:
        UsageError: the far domain without `data`, or with too few photographs.
    """
    folder = work / name
    if folder.is_dir():
        return Domain(folder)
    if name == NEAR:
        make = partial(_near, sizes=sizes)
    elif data is not None:
        make = partial(_far, data=data, sizes=sizes)
    else:
        raise UsageError("The far domain needs photographs with attributes: give their folder or pack with --data.")
    once(folder, partial(_whole, make=make, sizes=sizes))
    return Domain(folder)


def _whole(folder: Path, make: Callable[[Path], Mapping[str, Pictures]], sizes: Sizes) -> None:
    """The person's pictures as a folder; what judges, in a folder beside it. Small enough to be carried along."""
    with tempfile.TemporaryDirectory() as scratch:
        sets = make(Path(scratch))
    write_pictures(*sets["pictures"], folder / "pictures")
    write_judge(folder, sets["held-out"], sets["others"], sizes.reader_steps)


def write_judge(folder: Path, held_out: Pictures, others: Pictures, steps: int) -> None:
    """Write held-out pictures and a classifier, which learns from others, into FOLDER/judge."""
    judge = folder / "judge"
    judge.mkdir(parents=True)
    np.savez_compressed(judge / "held-out.npz", images=held_out[0], attributes=held_out[1])
    network = train_reader(*others, steps=steps, seed=7)
    torch.save(network.state_dict(), judge / "reader.pt")


def _near(scratch: Path, sizes: Sizes) -> dict[str, Pictures]:
    """Patterns behind the head and woven clothes. The three sets differ in their seed."""
    counts = {"pictures": (sizes.pictures, 5), "held-out": (sizes.held_out, 6), "others": (sizes.drawn, 7)}
    sets = {}
    for name, (count, seed) in counts.items():
        drawn = write_folder("faces", scratch / name, count, SIDE, seed, patterned=True)
        sets[name] = arrays_of(opened(drawn))
    return sets


def _far(scratch: Path, data: Path, sizes: Sizes) -> dict[str, Pictures]:
    """The first photographs of the training split are the person's, the next teach the classifier."""
    dataset = opened(unpacked(data, scratch))
    train, test = dataset.indices("train"), dataset.indices("test")
    if len(train) <= sizes.pictures or len(test) < sizes.held_out:
        raise UsageError(
            f"{data} has {len(train)} training and {len(test)} test photographs. The far domain needs more than "
            f"{sizes.pictures} and at least {sizes.held_out}."
        )
    last = sizes.pictures + sizes.photographs
    places = {"pictures": train[: sizes.pictures], "held-out": test[: sizes.held_out]}
    return {name: arrays_of(dataset, at) for name, at in {**places, "others": train[sizes.pictures : last]}.items()}


def unpacked(data: Path, folder: Path) -> Path:
    """A folder of photographs; a pack is unpacked into FOLDER/unpacked, unless it was."""
    if data.suffix != ".npz":
        return data
    return once(folder / "unpacked", partial(_unpack, data))


def _unpack(data: Path, folder: Path) -> None:
    unpack(data, folder)


def opened(path: Path) -> Dataset:
    """The pictures of a folder with the eight attributes."""
    return open_dataset(path, size=SIDE, channels=3, attributes=list(ATTRIBUTES))


def arrays_of(dataset: Dataset, where: np.ndarray | None = None) -> Pictures:
    """Images (N, H, W, C) uint8 and attributes (N, A)."""
    assert dataset.attributes is not None
    chosen = np.arange(len(dataset)) if where is None else where
    return np.ascontiguousarray(dataset.images[chosen]), dataset.attributes[chosen]


def write_pictures(images: np.ndarray, attributes: np.ndarray, folder: Path) -> None:
    """Write pictures (N, H, W, C) and attributes (N, A) as `edgan data synth` does: their names decide the splits."""
    (folder / "images").mkdir(parents=True)
    lines = [",".join(("file_name", *ATTRIBUTES))]
    for place, (image, values) in enumerate(zip(images, attributes, strict=True)):
        name = f"images/{place:06d}.png"
        from_pixels(image).save(folder / name)
        lines.append(",".join((name, *(f"{value:g}" for value in values))))
    (folder / "metadata.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
