"""UTKFace (Zhang, Song & Qi 2017): everything is in the file's name, AGE_GENDER_RACE_DATE.jpg."""

from __future__ import annotations

import posixpath
import re

import numpy as np

from edgan.data.listing import Listing
from edgan.data.readers.folder import file_bytes, split_by_folder
from edgan.data.readers.reader import Reader
from edgan.data.tree import Tree

OLDEST = 116
RACES = ("White", "Black", "Asian", "Indian", "Others")
NAME = re.compile(r"(\d{1,3})_([01])_([0-4])_\d{8,}")


def recognises(tree: Tree) -> bool:
    """True when at least half of the images are named AGE_GENDER_RACE_DATE."""
    names = tree.images()
    return 2 * sum(_match(name) is not None for name in names) >= len(names) > 0


def read(tree: Tree) -> Listing:
    """Attributes Age (years / 116, at most 1), Male, and one of the five races; a name that lacks one is left out."""
    matches = {name: _match(name) for name in tree.images()}
    names = [name for name, match in matches.items() if match]
    rows = [_attributes(match) for match in matches.values() if match]
    skipped = [
        (name, "the name is not AGE_GENDER_RACE_DATE, so its attributes are unknown")
        for name, match in matches.items()
        if not match
    ]
    return Listing(
        "utkface",
        names,
        file_bytes(tree, names),
        names,
        attributes=np.array(rows, dtype=np.float32).reshape(len(names), 2 + len(RACES)),
        attribute_names=("Age", "Male", *RACES),
        split=split_by_folder(names)[0],
        skipped=skipped,
    )


def _match(name: str) -> re.Match[str] | None:
    return NAME.match(posixpath.basename(name))


def _attributes(match: re.Match[str]) -> list[float]:
    years, gender, race = (int(group) for group in match.groups())
    return [min(years / OLDEST, 1.0), float(gender == 0), *(float(race == place) for place in range(len(RACES)))]


READER = Reader("utkface", recognises, read)
