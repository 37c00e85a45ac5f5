"""What a reader finds: which images there are and what is known about each, before any is decoded."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum

import numpy as np

from edgan.data.decode import Encoded


class Pairing(Enum):
    """How an image comes by its source."""

    NONE = "none"
    HALVES = "halves"  # one file: the image on the left, its source on the right
    COLOURS = "colours"  # two files, both ordinary images
    INDICES = "indices"  # two files, the second a single-channel map of class indices


@dataclass
class Listing:
    """N images that a layout holds, in name order.

    Attributes:
        kind: the layout's name.
        names: (N) unique names, '/' between folders.
        read: position to the encoded image, or the encoded image and its source. OSError when it cannot be read.
        files: what the pixels come from, as names in the tree; their sizes and times say whether a cache still holds.
        pairing: how an image comes by its source.
        grey: True or False where the layout knows; None: the files have to be asked.
        attributes: (N, A) float32 in [0, 1], or None.
        label: (N,) int64, or None.
        split: (N,) "train", "val" or "test" where the layout says so, "" where it does not; None: it nowhere does.
        skipped: (file, reason) for files that were left out already.
        broken: attribute that cannot be used to the sentence why, where passing over it would hide a mistake.
        unused: attribute that cannot be used to the sentence why, where it was hardly meant as one (text, a width).
    """

    kind: str
    names: list[str]
    read: Callable[[int], tuple[Encoded, ...]]
    files: list[str]
    pairing: Pairing = Pairing.NONE
    grey: bool | None = None
    attributes: np.ndarray | None = None
    attribute_names: tuple[str, ...] = ()
    label: np.ndarray | None = None
    label_names: tuple[str, ...] = ()
    split: np.ndarray | None = None
    skipped: list[tuple[str, str]] = field(default_factory=list)
    broken: dict[str, str] = field(default_factory=dict)
    unused: dict[str, str] = field(default_factory=dict)
