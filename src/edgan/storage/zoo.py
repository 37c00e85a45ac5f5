"""Trained models that ship with the package: `zoo:NAME` stands for a run's folder wherever a run is read."""

from __future__ import annotations

import os
from pathlib import Path

from edgan.errors import UsageError, near_miss

PREFIX = "zoo:"
CARD = "card.json"
FOLDER = Path(__file__).resolve().parents[1] / "zoo"
"""Holds a folder for each model: a run with one checkpoint, its card and a preview."""


def is_zoo_name(path: str | os.PathLike[str]) -> bool:
    """Whether a path is written as a zoo name, "zoo:faces". A folder of such a name is reached by its whole path."""
    return os.fspath(path).startswith(PREFIX)


def zoo_names() -> list[str]:
    """The names of the models that ship, without the prefix, in order."""
    return sorted(card.parent.name for card in FOLDER.glob(f"*/{CARD}"))


def zoo_folder(name: str | os.PathLike[str]) -> Path:
    """The folder of a model that ships.

    Args:
        name: "zoo:faces", or without the prefix.

    Raises:
        UsageError: there is no such model; the message gives the near misses.
    """
    bare = os.fspath(name).removeprefix(PREFIX)
    if bare not in zoo_names():
        raise UsageError(f"The zoo has no model {bare!r}. {near_miss(bare, zoo_names())}")
    return FOLDER / bare
