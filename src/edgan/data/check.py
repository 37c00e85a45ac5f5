"""What a folder or .zip holds and what is wrong with it, file by file."""

from __future__ import annotations

import dataclasses
import hashlib
import os
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from edgan.data import decode
from edgan.data.build import CHUNK, decode_sides, read_raw
from edgan.data.classes import SWAPPED, flatness, swapped
from edgan.data.dataset import SPLITS
from edgan.data.listing import Listing, Pairing, directed
from edgan.data.opening import select_attributes
from edgan.data.readers import read_layout, reasons
from edgan.data.readers.annotation import how_many
from edgan.data.splits import assign
from edgan.data.tree import Tree
from edgan.data.turns import turn
from edgan.errors import EdganError, none_can

FEW = 100
SHOWN = 6
PLACES = {"side-by-side": ("left half", "right half"), "a-b": ("A/", "B/"), "images-labels": ("images/", "labels/")}


@dataclass(frozen=True)
class Report:
    """What `check_folder` found.

    Attributes:
        path: what was looked at.
        kind: the layout's name.
        sides: for pairs, what is taken for the "image" and for the "source": where it lies and its flatness, which is
            near 1 for label maps and drawings.
        pairs: how an image comes by its source: "none", "halves", "halves, source left", "colours" or "indices".
        count: images that can be used.
        sizes: "WIDTHxHEIGHT" in pixels to the number of images of that size, most frequent first.
        modes: Pillow mode as stored ("RGB", "L", "P", ...) to the number of images.
        channels: 1 when every image is grey, else 3.
        splits: "train", "val" and "test" to the number of images.
        attributes: attribute to its mean over the images: the fraction positive where it is 0 or 1.
        labels: class to the number of images.
        duplicates: groups of names whose files are identical byte for byte.
        skipped: (file, reason) for each file that is left out.
        warnings: sentences about what is likely to harm a training.
    """

    path: str
    kind: str
    pairs: str
    sides: dict[str, str]
    count: int
    sizes: dict[str, int]
    modes: dict[str, int]
    channels: int
    splits: dict[str, int]
    attributes: dict[str, float]
    labels: dict[str, int]
    duplicates: list[list[str]]
    skipped: list[tuple[str, str]]
    warnings: list[str]

    def to_dict(self) -> dict[str, Any]:
        """The report as plain data, ready for JSON."""
        return dataclasses.asdict(self)


@dataclass(frozen=True)
class _Seen:
    digest: str
    size: tuple[int, int] = (0, 0)
    mode: str = ""
    flat: tuple[float, ...] = ()
    deepest: int | None = None
    reason: str | None = None


def check_folder(
    path: str | Path,
    attributes: Sequence[str] | None = None,
    *,
    layout: str | None = None,
    direction: str = "BtoA",
    progress: Callable[[int, int], None] | None = None,
) -> Report:
    """Decode every image of a folder or .zip and report on the set. Nothing is written.

    Args:
        path: the folder or .zip.
        attributes: names of the attributes that a training would use; None: all.
        layout: the layout's name, in case it would be recognised wrongly; None: recognised.
        direction: which side of a pair is the source, as `open_dataset` takes it.
        progress: called with (images done, images in all).

    Raises:
        UsageError: an attribute or the layout is not known.
        EdganError: there is nothing to report on: no such path, no image that can be decoded, or wrong metadata.
    """
    tree = Tree(path)
    listing = directed(read_layout(tree, layout), direction)
    values, attribute_names = select_attributes(listing, attributes, tree.path)
    seen = _look_at_all(listing, progress)
    keep = [position for position, look in enumerate(seen) if look.reason is None]
    unusable = [(name, look.reason) for name, look in zip(listing.names, seen, strict=True) if look.reason is not None]
    skipped = [*listing.skipped, *unusable]
    if not keep:
        raise EdganError(f"{none_can(len(seen), 'image', tree.path, 'decoded')}: {reasons(skipped)}.")
    names = [listing.names[position] for position in keep]
    split = assign(names, None if listing.split is None else listing.split[keep])
    modes = Counter(seen[position].mode for position in keep)
    sizes = Counter("{}x{}".format(*seen[position].size) for position in keep)
    report = Report(
        path=str(tree.path),
        kind=listing.kind,
        pairs=listing.pairing.value,
        sides=_sides(listing, direction, [seen[position].flat for position in keep if seen[position].flat]),
        count=len(keep),
        sizes=dict(sizes.most_common()),
        modes=dict(modes.most_common()),
        channels=1 if set(modes) <= decode.GREY_MODES else 3,
        splits={name: int(np.sum(split == name)) for name in SPLITS},
        attributes={}
        if values is None
        else {name: _mean_of_known(values[keep, column]) for column, name in enumerate(attribute_names)},
        labels=_labels(listing, keep),
        duplicates=_duplicates(names, [seen[position].digest for position in keep]),
        skipped=skipped,
        warnings=[],
    )
    flat = [seen[position].flat for position in keep if seen[position].flat]
    if swapped([image for image, _ in flat], [source for _, source in flat]):
        report.warnings.append(SWAPPED)
    report.warnings.extend(_dark(seen))
    report.warnings.extend(_warnings(report, listing, values, keep, dict(zip(names, split.tolist(), strict=True))))
    return report


def _look_at_all(listing: Listing, progress: Callable[[int, int], None] | None) -> list[_Seen]:
    total = len(listing.names)
    seen: list[_Seen] = []
    with ThreadPoolExecutor(max_workers=min(os.cpu_count() or 1, 8)) as pool:
        for start in range(0, total, CHUNK):
            seen.extend(pool.map(lambda position: _look_at(listing, position), range(start, min(start + CHUNK, total))))
            if progress is not None:
                progress(len(seen), total)
    return seen


def _look_at(listing: Listing, position: int) -> _Seen:
    digest = ""
    try:
        with turn():
            raw = read_raw(listing, position)
            data = raw[0]
            digest = hashlib.blake2b(data if isinstance(data, bytes) else data.tobytes(), digest_size=16).hexdigest()
            sides = decode_sides(listing.pairing, raw)
            mode = decode.header(data)[1] if isinstance(data, bytes) else sides[0].mode
            flat = tuple(flatness(np.asarray(side)) for side in sides) if len(sides) == 2 else ()
            return _Seen(digest, sides[0].size, mode, flat, sides[0].info.get(decode.MAXIMUM))
    except decode.UndecodableError as error:
        return _Seen(digest, reason=str(error))


def _dark(seen: list[_Seen]) -> list[str]:
    """A note where 16-bit images use the values of 12 bits only."""
    deep = [look.deepest for look in seen if look.deepest is not None]
    dark = sum(deepest < 2**12 for deepest in deep)
    if not dark or any(deepest >= 2**12 for deepest in deep):
        return []
    return [
        f"{_count(dark, '16-bit image')} hold no value above 4095, as cameras with 12 bits write them, and come out "
        "nearly black. Multiply the values by 16, or save the images with 8 bits."
    ]


def _sides(listing: Listing, direction: str, flat: list[tuple[float, ...]]) -> dict[str, str]:
    """What is taken for the image of a pair and what for its source."""
    places = PLACES.get(listing.kind)
    if not flat or places is None:
        return {}
    image, source = places if direction == "BtoA" else places[::-1]
    shares = np.mean(flat, axis=0)
    return {
        name: f"{place}, {share:.0%} flat"
        for name, place, share in zip(("image", "source"), (image, source), shares, strict=True)
    }


def _labels(listing: Listing, keep: list[int]) -> dict[str, int]:
    if listing.label is None:
        return {}
    counts = np.bincount(listing.label[keep], minlength=len(listing.label_names))
    return {name: int(count) for name, count in zip(listing.label_names, counts, strict=True)}


def _duplicates(names: list[str], digests: list[str]) -> list[list[str]]:
    groups: dict[str, list[str]] = {}
    for name, digest in zip(names, digests, strict=True):
        groups.setdefault(digest, []).append(name)
    return [group for group in groups.values() if len(group) > 1]


def _warnings(
    report: Report, listing: Listing, values: np.ndarray | None, keep: list[int], split: dict[str, str]
) -> list[str]:
    warnings = []
    if report.count < FEW:
        warnings.append(f"There are only {_count(report.count, 'image')}; a GAN memorises fewer than {FEW}.")
    if report.skipped:
        count = how_many(report.skipped)
        left_out = "1 file is" if count == 1 else f"{count:,} files are"
        warnings.append(f"{left_out} left out; the list gives the reasons.")
    if report.duplicates:
        extra = sum(len(group) - 1 for group in report.duplicates)
        across = sum(len({split[name] for name in group}) > 1 for group in report.duplicates)
        repeat = "1 image repeats another" if extra == 1 else f"{extra} images repeat others"
        leak = f" Copies are in different splits ({_count(across, 'group')}), so held-out figures are too good."
        warnings.append(f"{repeat} byte for byte.{leak if across else ''}")
    for column, name in enumerate(report.attributes):
        column_values = np.zeros(0) if values is None else values[keep, column]
        blank = int(np.isnan(column_values).sum())
        if blank:
            first = f" (the first in {listing.blanks[name]})" if name in listing.blanks else ""
            warnings.append(
                f"The attribute {name!r} is blank for {_count(blank, 'image')} of {report.count}{first}; only cdnet "
                "learns from such a table."
            )
            column_values = column_values[~np.isnan(column_values)]
        if column_values.size and column_values.min() == column_values.max():
            warnings.append(f"The attribute {name!r} is {column_values[0]:g} for every image, so it teaches nothing.")
    empty = [name for name, count in report.labels.items() if not count]
    if empty:
        more = ", ..." if len(empty) > SHOWN else ""
        warnings.append(
            f"{len(empty)} of {len(report.labels)} classes have no images: {', '.join(empty[:SHOWN])}{more}."
        )
    warnings += listing.notes
    warnings += [f"Not used as an attribute. {why}" for why in {**listing.broken, **listing.unused}.values()]
    if listing.pairing not in (Pairing.HALVES, Pairing.SOURCE_LEFT):
        narrow = sum(
            n for s, n in report.sizes.items() if max(map(int, s.split("x"))) > 2 * min(map(int, s.split("x")))
        )
        if narrow:
            warnings.append(
                f"In {_count(narrow, 'image')} the centred square drops most: one side is more than twice the other."
            )
    return warnings


def _mean_of_known(values: np.ndarray) -> float:
    """The mean of the values that are known; 0 where none is."""
    known = values[~np.isnan(values)]
    return float(known.mean()) if known.size else 0.0


def _count(number: int, noun: str) -> str:
    return f"1 {noun}" if number == 1 else f"{number} {noun}s"
