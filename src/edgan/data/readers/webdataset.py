"""WebDataset: .tar shards whose members with one key are a sample, such as 7.jpg, 7.json and 7.cls."""

from __future__ import annotations

import contextlib
import hashlib
import itertools
import json
from collections.abc import Sequence

import numpy as np

from edgan.data.checked_file import read_checked, write_checked
from edgan.data.files import MAX_IMAGE_BYTES
from edgan.data.listing import Listing
from edgan.data.readers.columns import ColumnRows, read_columns
from edgan.data.readers.folder import split_by_folder, split_by_word
from edgan.data.readers.reader import Reader
from edgan.data.readers.shard_samples import Samples
from edgan.data.tar_members import members_of, read_span
from edgan.data.tree import Tree, image_suffixes
from edgan.data.turns import charge

KIND = "webdataset"
SUFFIX = ".tar"
RULES = 1  # counted up when samples are read otherwise, so that older indices are not used


def recognises(tree: Tree) -> bool:
    """True when there are .tar files and no images beside them."""
    return bool(shards_in(tree)) and not tree.images()


def shards_in(tree: Tree) -> list[str]:
    """The names of the .tar files, in name order; those inside a .zip are not read."""
    return [name for name in tree.stats if name.lower().endswith(SUFFIX)] if tree.on_disk else []


def read(tree: Tree) -> Listing:
    """Every sample with an image, in the order of the shards and of their members.

    A number or class name in .cls is the label, numbers in .json are attributes, and so is `label` there the label.
    A .txt is the label where the same few texts come again and again; otherwise it is a caption, and not read. An
    image without a label is left out, unless most have none.
    """
    shards = shards_in(tree)
    samples = _samples(tree, shards)
    keep = samples.kept()
    paths, names = samples.paths, [samples.names[place] for place in keep]
    shard_of, offset, size = (
        np.array(column, np.int64)[np.array(keep, np.int64)] for column in (samples.shard, samples.offset, samples.size)
    )

    def image(position: int) -> tuple[bytes, ...]:
        charge(int(size[position]))
        path = paths[shard_of[position]]
        return (read_span(path, int(offset[position]), int(size[position]), MAX_IMAGE_BYTES),)

    split = split_by_folder(names)[0]
    if split is None:
        split = split_by_word(shards, shard_of)
    listing = Listing(KIND, names, image, shards, split=split, skipped=samples.skipped, notes=samples.notes())
    rows = ColumnRows(names, {column: [cells[place] for place in keep] for column, cells in samples.columns.items()})
    if rows.columns and names:
        read_columns(listing, tree.path, rows, ())
    return listing


def _samples(tree: Tree, shards: Sequence[str]) -> Samples:
    """The samples of all shards: as an earlier opening found them, if the shards are the same, or by reading them."""
    paths = [tree.place(name) for name in shards]
    known = None if tree.index_folder is None else tree.index_folder / f"shards-{_stamp(tree, shards)}.json"
    state = None if known is None else read_checked(known)
    if state is not None:
        return Samples.restored(paths, state)
    samples = Samples(paths)
    for number, shard in enumerate(shards):
        members = members_of(paths[number], shard, samples.skipped)
        for _, group in itertools.groupby(members, key=lambda member: _key(member.name)):
            samples.add(number, shard, list(group))
    if known is not None:
        with contextlib.suppress(OSError):  # the cache of the pixels warns where it cannot be written
            write_checked(known, samples.state())
    return samples


def _stamp(tree: Tree, shards: Sequence[str]) -> str:
    """Changes when a shard does, by its name, size and times, and when other images can be read."""
    options = [RULES, str(tree.path.resolve()), sorted(image_suffixes()), [[name, tree.stats[name]] for name in shards]]
    return hashlib.blake2b(json.dumps(options).encode(), digest_size=16).hexdigest()


def _key(name: str) -> str:
    """The key of a member: its name up to the first dot after the last '/'."""
    folder, slash, base = name.rpartition("/")
    return f"{folder}{slash}{base.partition('.')[0]}"


READER = Reader(KIND, recognises, read)
