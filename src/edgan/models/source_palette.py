"""The colours of a data set's label maps, so that a person can draw one, and class maps from a drawing."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from edgan.data import Dataset
from edgan.data.build import PALETTE
from edgan.data.crops import SQUARE, Crop
from edgan.data.decode import load_image
from edgan.errors import UsageError
from edgan.synthetic import FACADE_CLASSES, FACADE_PALETTE

SAMPLED = 64
MOST_COLOURS = 24
COVERED = 0.7
"""Share of the sampled pixels that the frequent colours must cover for a source to count as a label map."""
RARE = 0.0005
APART = 24
"""Colours of which no channel differs by as much are one: JPEG files blur the colours of a map."""
GENERIC = ((0, 0, 0), (255, 255, 255), (128, 128, 128))


@dataclass(frozen=True)
class SourceColour:
    """A colour to draw with.

    Attributes:
        name: of its class, where it is known; otherwise its number.
        colour: (red, green, blue), each from 0 to 255.
        share: of the sampled pixels, 0 to 1.
    """

    name: str
    colour: tuple[int, int, int]
    share: float


def source_palette(dataset: Dataset) -> list[SourceColour]:
    """The colours of a data set's sources, most frequent first.

    Args:
        dataset: of pairs.

    Returns:
        The classes of a set with class maps; otherwise the frequent colours of its sources if they are flat like label
        maps, and black, white and grey if they are not.

    Raises:
        UsageError: the set has no pairs.
    """
    if dataset.source is None:
        raise UsageError(f"{dataset.path} has no pairs, so there is nothing to draw a source from.")
    positions = np.unique(np.linspace(0, len(dataset) - 1, min(SAMPLED, len(dataset))).astype(int))
    pixels = np.concatenate([dataset.source[position].reshape(-1, 3) for position in positions])
    if dataset.source_classes:
        colours = PALETTE[: dataset.source_classes]
        shares = [float((pixels == colour).all(1).mean()) for colour in colours]
        classes = [
            SourceColour(f"class {number}", _plain(colour), share)
            for number, (colour, share) in enumerate(zip(colours, shares, strict=True))
        ]
        return sorted(classes, key=lambda entry: -entry.share)
    return frequent_colours(pixels)


def frequent_colours(pixels: np.ndarray) -> list[SourceColour]:
    """The colours of sources, most frequent first.

    Args:
        pixels: (N, 3) uint8.

    Returns:
        The frequent colours if they cover the pixels as those of label maps do; otherwise black, white and grey.
    """
    unique, counts = np.unique(pixels, axis=0, return_counts=True)
    found: list[tuple[np.ndarray, float]] = []
    for index in np.argsort(-counts, kind="stable"):
        share = float(counts[index]) / len(pixels)
        if share < RARE or len(found) == MOST_COLOURS:
            break
        colour = unique[index].astype(int)
        if all(np.abs(colour - other).max() >= APART for other, _ in found):
            found.append((colour, share))
    if sum(share for _, share in found) < COVERED:
        return [SourceColour(f"colour {n}", colour, 0.0) for n, colour in enumerate(GENERIC, 1)]
    return [SourceColour(_name(colour, n), _plain(colour), share) for n, (colour, share) in enumerate(found, 1)]


def _name(colour: np.ndarray, number: int) -> str:
    """The class of the CMP facades' colours, else a number."""
    plain = _plain(colour)
    return FACADE_CLASSES[FACADE_PALETTE.index(plain)] if plain in FACADE_PALETTE else f"colour {number}"


def _plain(colour: np.ndarray) -> tuple[int, int, int]:
    red, green, blue = (int(value) for value in colour)
    return red, green, blue


def source_pixels(picture: bytes, size: int, channels: int, classes: int, crop: Crop = SQUARE) -> np.ndarray:
    """A drawn or uploaded source as a model reads it.

    Args:
        picture: an image file's bytes. A picture of the model's size is used as it is.
        size, channels: of the model's sources.
        classes: number of classes of a one-hot source; 0: a picture.
        crop: which part is used.

    Returns:
        (size, size, channels) uint8; one-hot sources as 0 and 255. A pixel belongs to the class with the nearest
        colour of the palette.

    Raises:
        EdganError: it cannot be decoded.
    """
    if not classes:
        return load_image(picture, size, channels, crop)
    drawn = load_image(picture, size, 3, crop).astype(np.int32)
    distance = ((drawn[:, :, None] - PALETTE[:classes].astype(np.int32)) ** 2).sum(-1)
    index = distance.argmin(-1)
    return ((index[..., None] == np.arange(classes)) * 255).astype(np.uint8)
