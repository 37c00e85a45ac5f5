"""What a model of the zoo is trained on and what judges it: a set that edgan renders, or one that others published."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from benchmarks.cuda_parts.rendered import draw_shards
from edgan.synthetic import write_folder


@dataclass(frozen=True)
class RenderedData:
    """A rendered set, and a fresh one that judges the model.

    Attributes:
        kind: "faces" or "facades".
        pictures, side, shards: of the training set, as `draw_shards` draws it; side in pixels.
        judged, beside, seed: of the fresh set: pictures in its test split, further ones in its training split, which
            teach the classifiers of the edit error, and its seed.
    """

    kind: str
    pictures: int
    side: int
    shards: int
    judged: int
    beside: int
    seed: int

    @property
    def folder(self) -> str:
        """The training set's folder in the card's commands."""
        return self.kind

    def draw(self, dest: Path) -> None:
        """Draw the training set."""
        draw_shards(self.kind, self.pictures, self.side, dest, self.shards)

    def draw_fresh(self, dest: Path) -> None:
        """Draw the set that judges a model: `judged` pictures in test/, the others in train/ and one in val/."""
        counts = {"test": self.judged, "train": self.beside, "val": 1}
        drawn = write_folder(self.kind, dest, sum(counts.values()), self.side, self.seed)
        splits = [split for split, count in counts.items() for _ in range(count)]
        pictures = sorted(drawn.rglob("*.png"), key=lambda path: path.name)
        for picture, split in zip(pictures, splits, strict=True):
            (drawn / split).mkdir(exist_ok=True)
            picture.rename(drawn / split / picture.name)

    def trained_on(self, name: str) -> dict[str, str]:
        """The card's entry "data"; `name` is the recipe's."""
        return {
            "what": f"{self.pictures:,} rendered {self.kind} of {self.side} px",
            "command": f"python -m benchmarks.zoo data {name} {name}/",
        }

    def judged_on(self, name: str) -> dict[str, str]:
        """The card's entries on the held-out set: its command, and the one that measured."""
        return {
            "data": f"python -m benchmarks.zoo fresh {name} fresh/",
            "command": f"edgan evaluate zoo:{name} --data fresh/",
        }


@dataclass(frozen=True)
class PublishedData:
    """A published set with a test part. It is no part of the package: whoever repeats a training brings it.

    Attributes:
        folder: the set's folder in the card's commands.
        title: of the set, with its authors.
        pictures: those that train the model, as a noun: "digits".
        stand_in: draws similar pictures and their classes from a count, a size and a seed. The preview shows these, or
            samples of the model where there is none: no picture of the set is shipped.
    """

    folder: str
    title: str
    pictures: str
    stand_in: Callable[[int, int, int], tuple[np.ndarray, np.ndarray]] | None = None

    def trained_on(self, name: str) -> dict[str, str]:
        """The card's entry "data"; `name` is the recipe's."""
        return {
            "what": f"the training {self.pictures} of {self.title}; {self.folder}/ holds its four files as published",
            "command": f"edgan data check {self.folder}/",
        }

    def judged_on(self, name: str) -> dict[str, str]:
        """The card's entries on the held-out set: which it is, and the command that measured."""
        return {
            "data": f"the test {self.pictures} of {self.folder}/",
            "command": f"edgan evaluate zoo:{name} --data {self.folder}/",
        }
