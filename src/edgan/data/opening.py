"""`open_dataset`: from a path to a `Dataset`."""

from __future__ import annotations

import contextlib
import dataclasses
import hashlib
import json
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from edgan.data import cache as pixel_cache
from edgan.data.crops import Crop, parse_crop
from edgan.data.dataset import Dataset
from edgan.data.decode import check_size
from edgan.data.entry import Entry
from edgan.data.listing import Listing, Pairing, directed
from edgan.data.readers import read_layout
from edgan.data.splits import assign
from edgan.data.tree import Tree
from edgan.errors import EdganError, UsageError, near_miss
from edgan.paths import cache_folder, expand


def open_dataset(
    path: str | Path,
    *,
    size: int,
    channels: int | None = None,
    attributes: Sequence[str] | None = None,
    cache: Path | None = None,
    layout: str | None = None,
    source_classes: int = 0,
    direction: str = "BtoA",
    crop: str = "square",
    progress: Callable[[int, int], None] | None = None,
) -> Dataset:
    """Open a folder or .zip of images in any known layout (docs/data.md).

    The first call decodes every image into the cache; later calls memory-map it. A file that cannot be decoded is left
    out and listed in `Dataset.skipped`.

    Args:
        path: the folder or .zip.
        size: height and width to decode to, in pixels.
        channels: 1 (grey), 3 (RGB), or None: 1 when every image is grey, otherwise 3.
        attributes: names of the attributes to load, in this order; None: all.
        cache: folder for decoded pixels; None: $EDGAN_CACHE, or the system's folder for caches.
        layout: the layout's name, in case it would be recognised wrongly; None: recognised.
        source_classes: number of classes; loads source maps one-hot, as 1 and -1. 0 loads RGB.
        direction: of pairs. "BtoA": the left half, A/ or images/ is the image and the other side its source. "AtoB":
            the other way round.
        crop: which part of each picture is used, as `edgan.data.crops.parse_crop` reads it: "square" (the largest
            centred one), "face", "celeba-148", "celeba-128", "108" or "50:178,25:153".
        progress: called with (images done, images in all) while images are decoded.

    Raises:
        UsageError: `size` or `channels` is out of range, an attribute or layout is not known, `crop` looks for faces in
            pairs, or `source_classes` is set and the sources are not class-index maps or contain more classes.
        EdganError: there is no data set at `path`, none of its images can be used, or what `crop` needs is missing.
    """
    check_size(size, channels)
    tree = Tree(path)
    with contextlib.suppress(OSError):  # without a home there is no index, and the cache of the pixels says so
        tree.index_folder = (cache_folder() if cache is None else expand(cache)) / "index"
    listing = directed(read_layout(tree, layout), direction)
    listing.crop = _crop_of(listing, crop)
    values, attribute_names = select_attributes(listing, attributes, tree.path)
    entry = pixel_cache.decoded(tree, listing, size, channels, cache, progress)
    dataset = _dataset(tree.path, listing, entry, size, values, attribute_names)
    return with_classes(dataset, source_classes) if source_classes else dataset


def _crop_of(listing: Listing, text: str) -> Crop:
    """The crop that a text names, if it can be used for these images."""
    crop = parse_crop(text)
    crop.require()
    if crop.face and listing.pairing is not Pairing.NONE:
        raise UsageError("cannot be face for pairs: their sources show no face to look for.", parameter="crop")
    return crop


def _dataset(
    path: Path,
    listing: Listing,
    entry: Entry,
    size: int,
    values: np.ndarray | None,
    attribute_names: tuple[str, ...],
) -> Dataset:
    """The data set of the images that could be decoded."""
    left_out = dict(entry.left_out)
    keep = np.array([position for position in range(len(listing.names)) if position not in left_out], dtype=np.int64)
    names = [listing.names[position] for position in keep]
    label = None if listing.label is None else listing.label[keep]
    split = assign(names, None if listing.split is None else listing.split[keep])
    values = None if values is None else values[keep]
    squares = listing.crop.note(entry.squares, len(names))
    return Dataset(
        path=path,
        kind=listing.kind,
        size=size,
        channels=entry.channels,
        names=names,
        images=entry.arrays["image"],
        split=split,
        key=_key(entry.key, attribute_names, [values, label, split]),
        attributes=values,
        attribute_names=attribute_names,
        label=label,
        label_names=listing.label_names,
        source=entry.arrays.get("source"),
        source_index=entry.arrays.get("source_index"),
        notes=(
            *listing.notes,
            *(f"Not used as an attribute. {why}" for why in listing.broken.values()),
            *([] if squares is None else [squares]),
        ),
        skipped=[*listing.skipped, *((listing.names[position], reason) for position, reason in entry.left_out)],
        keep_alive=entry.scratch,
    )


def with_classes(dataset: Dataset, classes: int) -> Dataset:
    """The data set with one-hot sources.

    Raises:
        UsageError: its sources are not class-index maps, or contain more classes.
    """
    if dataset.source_index is None:
        raise UsageError(
            f"source_classes={classes} needs class-index maps, and {dataset.path} has none. They are single-channel "
            "files in labels/ next to images/; docs/data.md shows the layout."
        )
    highest = dataset.source_index.reshape(len(dataset), -1).max(axis=1)
    beyond = np.flatnonzero(highest >= classes)
    if beyond.size:
        raise UsageError(
            f"source_classes={classes} allows the classes 0 to {classes - 1}, but {beyond.size} of {len(dataset)} maps "
            f"hold others: the source of {dataset.names[beyond[0]]} in {dataset.path} holds class "
            f"{highest[beyond[0]]}. Set source_classes={int(highest.max()) + 1}, or change the maps."
        )
    return dataclasses.replace(dataset, source_classes=classes)


def select_attributes(
    listing: Listing, wanted: Sequence[str] | None, path: Path
) -> tuple[np.ndarray | None, tuple[str, ...]]:
    """The values of the wanted attributes, (N, A) float32 or None where there are none, and their names.

    Args:
        listing: the images.
        wanted: names of attributes; None: all.
        path: of the data set, for messages.

    Raises:
        UsageError: a wanted attribute does not exist or occurs twice.
        EdganError: one exists but does not hold numbers from 0 to 1.
    """
    if isinstance(wanted, str):
        raise UsageError(
            f"must be a list of names, such as [{wanted!r}] (got the string {wanted!r}).", parameter="attributes"
        )
    unusable = {**listing.unused, **listing.broken}
    if wanted is None:
        return listing.attributes, listing.attribute_names
    for name in wanted:
        if name in unusable:
            raise EdganError(unusable[name])
        if name not in listing.attribute_names:
            why = " ".join([f"{path} has no attribute {name!r}.", near_miss(name, listing.attribute_names)])
            raise UsageError(" ".join([why, *listing.notes]))
    if len(set(wanted)) < len(wanted):
        raise UsageError(f"must name each attribute once (got {', '.join(wanted)}).", parameter="attributes")
    if not wanted or listing.attributes is None:
        return None, ()
    columns = [listing.attribute_names.index(name) for name in wanted]
    return np.ascontiguousarray(listing.attributes[:, columns]), tuple(wanted)


def _key(pixels: str, attribute_names: tuple[str, ...], arrays: list[np.ndarray | None]) -> str:
    state = hashlib.blake2b(json.dumps([pixels, attribute_names]).encode(), digest_size=16)
    for array in arrays:
        state.update(b"none" if array is None else f"{array.dtype}{array.shape}".encode() + array.tobytes())
    return state.hexdigest()
