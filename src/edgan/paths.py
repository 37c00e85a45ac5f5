"""Paths as a person writes them."""

from __future__ import annotations

import os
from pathlib import Path


def expand(path: str | os.PathLike[str]) -> Path:
    """The path with ~ and ~user replaced by the home folder; as it is where there is no home folder."""
    return Path(os.path.expanduser(path))
