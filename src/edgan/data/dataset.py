"""An opened data set: decoded pixels on disk, what is known about each image, and batches."""

from __future__ import annotations

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import torch

from edgan.data.batch import Batch, from_uint8
from edgan.data.classes import SAMPLED, flatness, one_hot, swapped
from edgan.data.entry import require_whole
from edgan.data.transfer import moved
from edgan.errors import UsageError, counted, near_miss

SPLITS = ("train", "val", "test")


@dataclass(frozen=True, eq=False, repr=False)
class Dataset:
    """N images of one size, as `open_dataset` returns them. Pixels stay on disk until a batch asks for them.

    Attributes:
        path: the folder or .zip it was opened from.
        kind: the layout's name, such as "celeba" or "side-by-side".
        size: height and width in pixels.
        channels: 1 (grey) or 3 (RGB).
        names: (N) the images' names inside the set, '/' between folders.
        images: (N, H, W, C) uint8, memory-mapped, read-only.
        split: (N,) the split of each image: "train", "val" or "test".
        key: a hash of the files' contents and names, their attributes, labels and splits, and the options. It does not
            change when the set is copied, moved or touched. Checkpoints store it.
        attributes: (N, A) float32 in [0, 1], NaN where an image's value is not known, or None.
        attribute_names: (A) their names.
        label: (N,) int64, or None.
        label_names: the classes' names, in the order of the labels.
        source: (N, H, W, 3) uint8, memory-mapped: the source of each pair, or None.
        source_index: (N, H, W) uint8, memory-mapped: class indices when the source is an index map, or None.
        source_classes: number of classes; batches then carry one-hot sources. 0: sources in RGB.
        skipped: (file, reason) for each file that was left out.
        notes: sentences about the set: a table that could not be read, a layout that nearly fits.
        keep_alive: the temporary folder of `images` when no cache could be written, else None.
    """

    path: Path
    kind: str
    size: int
    channels: int
    names: list[str]
    images: np.ndarray
    split: np.ndarray
    key: str
    attributes: np.ndarray | None = None
    attribute_names: tuple[str, ...] = ()
    label: np.ndarray | None = None
    label_names: tuple[str, ...] = ()
    source: np.ndarray | None = None
    source_index: np.ndarray | None = None
    source_classes: int = 0
    skipped: list[tuple[str, str]] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    keep_alive: Any = None

    @functools.cached_property
    def partly_labelled(self) -> bool:
        """Whether some image lacks the value of some attribute."""
        return self.attributes is not None and bool(np.isnan(self.attributes).any())

    def __len__(self) -> int:
        """The number of images, N."""
        return len(self.names)

    def __repr__(self) -> str:
        """One line, without the pixels."""
        counts = ", ".join(f"{name} {np.sum(self.split == name)}" for name in SPLITS)
        return f"<Dataset {self.kind} {self.path}: {counts}; {self.size}x{self.size}x{self.channels}, key {self.key}>"

    def indices(self, split: str) -> np.ndarray:
        """Positions of the images of one split, ascending, (n,) int64.

        Raises:
            UsageError: `split` is not "train", "val" or "test".
        """
        if split not in SPLITS:
            raise UsageError(f"{split!r} is not a split. {near_miss(split, SPLITS)}")
        return np.flatnonzero(self.split == split)

    def batch(self, indices: np.ndarray | Sequence[int], device: torch.device | str = "cpu") -> Batch:
        """The samples at `indices`, in that order, on `device`.

        Pixels are copied to the device as uint8 and converted to float32 there. `image` is in channels-last memory
        order.

        Args:
            indices: (n,) positions in this set; a position may occur more than once.
            device: the device of the tensors.

        Raises:
            UsageError: a position is outside the set.
        """
        positions = np.asarray(indices, dtype=np.int64).reshape(-1)
        if positions.size and not (positions.min() >= 0 and positions.max() < len(self)):
            raise UsageError(
                f"indices must lie between 0 and {len(self) - 1} (got {positions.min()} to {positions.max()}): "
                f"{self.path} holds {counted(len(self), 'image')}."
            )
        index = moved(torch.from_numpy(positions.copy()), device)
        return self.assembled(index, lambda name: _rows(getattr(self, name), positions, device))

    @property
    def stored(self) -> tuple[str, ...]:
        """The names of the arrays that batches are made of."""
        source = "source_index" if self.source_classes and self.source_index is not None else "source"
        return tuple(n for n in ("images", "attributes", "label", source) if getattr(self, n) is not None)

    def assembled(self, index: torch.Tensor, rows: Callable[[str], torch.Tensor]) -> Batch:
        """A batch of stored rows.

        Args:
            index: (n,) the samples' positions.
            rows: the name of an array, one of `stored`, -> its rows at these positions, (n, ...).
        """
        held = {name: rows(name) for name in self.stored}
        source = from_uint8(held["source"]) if "source" in held else None
        if "source_index" in held:
            source = one_hot(held["source_index"], self.source_classes)
        return Batch(from_uint8(held["images"]), index, held.get("attributes"), held.get("label"), source)

    def sides_look_swapped(self) -> bool:
        """Whether the images of pairs look like label maps and their sources like photos; checks at most 64 pairs."""
        if self.source is None:
            return False
        positions = np.unique(np.linspace(0, len(self) - 1, min(len(self), SAMPLED)).astype(int))
        return swapped(*([flatness(side[i]) for i in positions] for side in (self.images, self.source)))


def _rows(array: np.ndarray, positions: np.ndarray, device: torch.device | str) -> torch.Tensor:
    require_whole(array)
    return moved(torch.from_numpy(np.ascontiguousarray(array[positions])), device)
